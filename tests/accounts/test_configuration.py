"""Settings of the log-in by OpenID Connect."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from adapter.accounts.checks import provider_over_tls
from adapter.accounts.configuration import read_openid_connect
from adapter.settings.env import Environment

pytestmark = pytest.mark.servers
GOOD = {"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "agendas", "OIDC_CLIENT_SECRET": "s3cret"}


def test_it_is_off_by_default() -> None:
    assert read_openid_connect(Environment({})) is None


def test_what_is_set_is_read() -> None:
    found = read_openid_connect(
        Environment({**GOOD, "OIDC_ROLE_GROUPS": '{"a": "A", "b": ["A", "B"]}', "OIDC_SCOPES": "openid, roles"})
    )
    assert found is not None
    assert found.role_groups == (("a", "A"), ("b", "A"), ("b", "B"))
    assert found.scopes == ("openid", "roles")
    assert (found.name_id_claim, found.roles_claim, found.admin_role, found.session_hours) == ("sub", "roles", "", 12)
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_ISSUER": "id.example.org"}, "OIDC_ISSUER"),
        ({"OIDC_SCOPES": "profile"}, "OIDC_SCOPES"),
        ({"OIDC_SESSION_HOURS": "0"}, "OIDC_SESSION_HOURS"),
        ({"OIDC_ROLE_GROUPS": "a=b"}, "OIDC_ROLE_GROUPS"),
        ({"OIDC_ROLE_GROUPS": "[]"}, "OIDC_ROLE_GROUPS"),
        ({"OIDC_ROLE_GROUPS": '{"a": 1}'}, "OIDC_ROLE_GROUPS"),
        ({"OIDC_ROLE_GROUPS": '{"a": ""}'}, "OIDC_ROLE_GROUPS"),
    ],
)
def test_a_bad_setting_is_named(changes, name) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: "):
        read_openid_connect(Environment({**GOOD, **changes}))


@pytest.mark.parametrize(("issuer", "found"), [("https://id.example.org", []), ("http://id", ["adapter.E006"])])
def test_a_provider_without_tls_is_refused_in_production(settings, issuer, found) -> None:
    settings.OPENID_CONNECT = read_openid_connect(Environment({**GOOD, "OIDC_ISSUER": issuer}))
    assert [message.id for message in provider_over_tls()] == found


def test_a_web_process_without_a_provider_does_without_the_library_for_it(tmp_path) -> None:
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import adapter.wsgi, sys; print('authlib' in sys.modules)"],
        env={**os.environ, "ADAPTER_HOME": str(tmp_path), "OIDC_ISSUER": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "False"

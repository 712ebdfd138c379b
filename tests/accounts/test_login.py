"""Log-in by OpenID Connect, against a real provider over HTTP with signed tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client

from adapter.accounts import provider as provider_module
from adapter.accounts import services
from adapter.accounts.configuration import OpenIdConnect
from adapter.accounts.models import OpenIdIdentity
from tests.support.openid_double import CLIENT_ID, CLIENT_SECRET, OpenIdDouble
from tests.support.signed import known_services

ALICE = {
    "sub": "0123456789abcdef0123456789abcdef",
    "preferred_username": "alice",
    "given_name": "Alice",
    "family_name": "Martin",
    "email": "alice@example.org",
    "email_verified": True,
    "roles": ["Agents d'accueil"],
}
TARGET = "/manage/agendas/mairie/"


@pytest.fixture
def provider(db, settings) -> Iterator[OpenIdDouble]:
    provider_module._known_provider.cache_clear()
    settings.BASE_URL = "http://testserver/"
    with OpenIdDouble() as double:
        double.claims = dict(ALICE)
        configure(settings, double)
        yield double


def configure(settings, double: OpenIdDouble, **changes: Any) -> None:
    settings.OPENID_CONNECT = OpenIdConnect(double.issuer, CLIENT_ID, CLIENT_SECRET, **changes)


def go_to_provider(client: Client, target: str = TARGET) -> str:
    """Where the provider sends the agent back to."""
    there = client.get("/login/openid/", {"next": target})
    assert there.status_code == 302
    back = requests.get(there["Location"], allow_redirects=False, timeout=30).headers["Location"]
    assert back.startswith("http://testserver/login/openid/callback/?")
    return back


def log_in(client: Client | None = None, target: str = TARGET) -> HttpResponse:
    client = client or Client()
    return client.get(go_to_provider(client, target))


def logged_in(client: Client) -> User | None:
    user_id = client.session.get("_auth_user_id")
    return User.objects.get(pk=user_id) if user_id else None


def test_an_agent_logs_in_and_goes_on_where_they_wanted(provider) -> None:
    client = Client()
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, TARGET)
    user = logged_in(client)
    assert user is not None
    assert (user.username, user.get_full_name(), user.email) == ("alice", "Alice Martin", "alice@example.org")
    assert not user.has_usable_password()
    assert not user.is_staff
    assert not user.is_superuser


def test_the_name_id_is_kept_for_wcs(provider, settings) -> None:
    log_in()
    assert User.objects.get().agent_profile.name_id == ALICE["sub"]
    configure(settings, provider, name_id_claim="publik_uuid")
    provider.claims["publik_uuid"] = "fedcba"
    log_in()
    assert User.objects.get().agent_profile.name_id == "fedcba"


def test_the_same_person_keeps_their_account_whatever_their_name_becomes(provider) -> None:
    log_in()
    provider.claims |= {"preferred_username": "adupont", "family_name": "Dupont", "email": "a.dupont@example.org"}
    log_in()
    user = User.objects.get()
    assert (user.username, user.last_name, user.email) == ("alice", "Dupont", "a.dupont@example.org")


def test_an_account_that_is_here_is_never_taken_over(provider) -> None:
    here = User.objects.create_superuser("Alice", "alice@example.org", "x")
    client = Client()
    log_in(client)
    user = logged_in(client)
    assert user is not None
    assert user != here
    assert user.username == "alice-2"


def test_two_first_log_ins_at_once_give_one_account(provider, monkeypatch) -> None:
    free_username = services._free_username

    def meanwhile(claims: Any) -> str:
        name = free_username(claims)
        monkeypatch.setattr(services, "_free_username", free_username)
        services.account_for_claims(configuration, claims)
        return name

    configuration = OpenIdConnect(provider.issuer, CLIENT_ID, CLIENT_SECRET)
    monkeypatch.setattr(services, "_free_username", meanwhile)
    user = services.account_for_claims(configuration, ALICE)
    assert list(User.objects.all()) == [user]
    assert OpenIdIdentity.objects.get().user == user


def test_the_same_subject_of_another_provider_is_somebody_else(provider) -> None:
    other = User.objects.create_user("bob")
    OpenIdIdentity.objects.create(user=other, issuer="https://other.example.org", subject=ALICE["sub"])
    client = Client()
    log_in(client)
    assert logged_in(client) != other


def test_an_address_that_is_not_verified_is_not_kept(provider) -> None:
    provider.claims["email_verified"] = False
    log_in()
    assert User.objects.get().email == ""


def test_roles_give_the_groups_of_the_same_name_and_take_the_others_away(provider) -> None:
    group, other = Group.objects.create(name="Agents d'accueil"), Group.objects.create(name="Administrateurs")
    log_in()
    user = User.objects.get()
    assert list(user.groups.all()) == [group]
    provider.claims["roles"] = ["Administrateurs", "unknown here"]
    log_in()
    assert list(user.groups.all()) == [other]
    del provider.claims["roles"]
    log_in()
    assert not user.groups.exists()


def test_a_table_of_roles_manages_its_groups_only(provider, settings) -> None:
    configure(settings, provider, role_groups=(("Agents d'accueil", "Guichets"), ("rh", "Direction")))
    log_in()
    user = User.objects.get()
    assert [group.name for group in user.groups.all()] == ["Guichets"]
    user.groups.add(Group.objects.create(name="Local"))
    provider.claims["roles"] = "rh"
    log_in()
    assert {group.name for group in user.groups.all()} == {"Direction", "Local"}


def test_without_a_claim_of_roles_groups_are_managed_here(provider, settings) -> None:
    configure(settings, provider, roles_claim="", admin_role="Agents d'accueil")
    log_in()
    user = User.objects.get()
    user.groups.add(Group.objects.create(name="Local"))
    User.objects.update(is_superuser=True)
    log_in()
    user.refresh_from_db()
    assert [group.name for group in user.groups.all()] == ["Local"]
    assert user.is_superuser


def test_administrators_are_those_of_the_role_and_only_as_long_as_they_hold_it(provider, settings) -> None:
    configure(settings, provider, admin_role="Agents d'accueil")
    log_in()
    assert User.objects.get().is_superuser
    provider.claims["roles"] = []
    log_in()
    assert not User.objects.get().is_superuser


def test_roles_that_only_the_user_info_tells_are_read(provider) -> None:
    group = Group.objects.create(name="Agents d'accueil")
    provider.signed = {"roles": None}
    log_in()
    assert list(User.objects.get().groups.all()) == [group]


def test_a_provider_without_user_info_is_enough(provider) -> None:
    provider.metadata = {"userinfo_endpoint": None}
    client = Client()
    log_in(client)
    assert logged_in(client) is not None
    assert "/userinfo" not in provider.requests


def test_the_session_ends_so_that_roles_are_read_again(provider, settings) -> None:
    configure(settings, provider, session_hours=3)
    client = Client()
    log_in(client)
    assert client.session.get_expiry_age() == 3 * 3600


@pytest.mark.parametrize(
    "signed",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["another-client"], "azp": CLIENT_ID},
        {"iss": "https://evil.example.org"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 12},
        {"sub": "x" * 256},
    ],
)
def test_an_id_token_that_is_not_for_this_log_in_is_refused(provider, signed) -> None:
    provider.signed = signed
    # What the user info says agrees, so that it is the ID token that is refused.
    provider.user_info = {"sub": signed["sub"]} if "sub" in signed else {}
    refused_with_a_reference(provider)


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"kid": "unknown"}, {"alg": "RS1"}])
def test_an_id_token_that_is_not_signed_as_it_must_be_is_refused(provider, header) -> None:
    provider.header = header
    refused_with_a_reference(provider)


def test_an_id_token_signed_by_somebody_else_is_refused(provider) -> None:
    provider.new_key("first")
    refused_with_a_reference(provider)


def test_a_new_key_of_the_provider_is_fetched(provider) -> None:
    log_in()
    provider.new_key("second")
    provider.published_keys.append(provider.jwk())
    client = Client()
    log_in(client)
    assert logged_in(client) is not None


def test_user_info_of_somebody_else_is_refused(provider) -> None:
    provider.user_info = {"sub": "somebody-else"}
    refused_with_a_reference(provider)


def refused_with_a_reference(provider: OpenIdDouble) -> None:
    client = Client()
    answer = log_in(client)
    assert answer.status_code in (403, 503)
    assert "code" in answer.content.decode()
    assert logged_in(client) is None
    assert not User.objects.exists()
    provider.signed, provider.header, provider.user_info = {}, {}, {}
    provider.published_keys = [provider.jwk()]
    provider_module._known_provider.cache_clear()
    assert log_in(client).status_code == 302


def test_the_way_back_cannot_be_used_by_somebody_else_or_twice(provider) -> None:
    mine, other = Client(), Client()
    back = go_to_provider(mine)
    assert other.get(back).status_code == 403
    assert logged_in(other) is None
    assert mine.get(go_to_provider(mine)).status_code == 302
    assert Client().get(back).status_code == 403


@pytest.mark.parametrize(
    "query", ["", "code=x", "code=x&state=y", "error=access_denied&error_description=%3Cscript%3E", "state=&code="]
)
def test_a_way_back_that_nobody_began_is_refused(provider, query) -> None:
    answer = Client().get(f"/login/openid/callback/?{query}")
    assert answer.status_code == 403
    assert "script>" not in answer.content.decode().split("<h2>", 1)[1]


def test_an_agent_who_was_shut_out_stays_out(provider) -> None:
    log_in()
    User.objects.update(is_active=False)
    client = Client()
    assert log_in(client).status_code == 403
    assert logged_in(client) is None


@pytest.mark.parametrize("target", ["https://evil.example.org/", "//evil.example.org/", "/\\evil.example.org", ""])
def test_nobody_is_sent_elsewhere_after_the_log_in(provider, target) -> None:
    assert log_in(target=target)["Location"] == "/manage/"


def test_a_session_that_was_there_before_is_not_the_one_that_is_logged_in(provider) -> None:
    client = Client()
    back = go_to_provider(client)
    before = client.session.session_key
    client.get(back)
    assert client.session.session_key != before


def test_a_provider_that_is_down_is_told_and_asked_again_later(provider) -> None:
    provider.down = True
    client = Client()
    assert client.get("/login/openid/").status_code == 503
    provider.down = False
    back = go_to_provider(client)
    provider.down = True
    assert client.get(back).status_code == 503
    provider.down = False
    assert log_in(client).status_code == 302


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://evil.example.org"}, {"issuer": None}, {"authorization_endpoint": None}]
)
def test_metadata_that_are_not_the_providers_are_refused(provider, metadata) -> None:
    provider.metadata = metadata
    assert Client().get("/login/openid/").status_code == 503
    provider_module._known_provider.cache_clear()


def test_the_log_in_page_offers_it_only_where_it_is_set_up(provider, settings) -> None:
    page = Client().get("/login/", {"next": TARGET}).content.decode()
    assert "/login/openid/?next=%2Fmanage%2Fagendas%2Fmairie%2F" in page
    settings.OPENID_CONNECT = None
    assert "/login/openid/" not in Client().get("/login/").content.decode()
    assert Client().get("/login/openid/").status_code == 404
    assert Client().get("/login/openid/callback/").status_code == 404


def test_the_provider_is_asked_with_pkce_a_state_and_a_nonce(provider) -> None:
    address = Client().get("/login/openid/")["Location"]
    query = parse_qs(urlsplit(address).query)
    assert query["scope"] == ["openid profile email"]
    assert all(len(query[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(("trusted", "address"), [(False, ""), (True, "alice@example.org")])
def test_an_address_of_which_nothing_is_said_is_not_verified_unless_it_is_trusted(
    provider, settings, trusted, address
) -> None:
    del provider.claims["email_verified"]
    configure(settings, provider, email_trusted=trusted)
    log_in()
    assert User.objects.get().email == address


@pytest.mark.parametrize("name", ["wcs.test", "WCS.Test", " wcs.test", "\uff57cs.test"])
def test_no_account_gets_the_name_of_a_service(provider, settings, name) -> None:
    """Who holds a lock is known by a name: an agent must not pass for the service of citizens."""
    settings.KNOWN_SERVICES = known_services()
    provider.claims["preferred_username"] = name
    log_in()
    assert User.objects.get().username.strip() != "wcs.test"
    assert User.objects.get().username.endswith("-2")
    with pytest.raises(ValidationError):
        User.objects.create_user(name)

"""Settings come from the environment; a bad one stops the start with its name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from adapter.wcs.known_services import parse_known_services

ROOT = Path(__file__).resolve().parents[2]
SERVICE = {"title": "Démarches", "url": "https://d.example.org", "orig": "a.example.org", "secret": "key"}


def start(tmp_path: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """A process that loads the settings, with nothing but these in its environment."""
    environment = {"PATH": os.environ["PATH"], "ADAPTER_HOME": str(tmp_path), **values}
    names = ("BASE_URL", "LOCK_DURATION", "DATABASES", "SECRET_KEY")
    code = (
        f"import json; from adapter import settings as s; print(json.dumps({{n: str(getattr(s, n)) for n in {names}}}))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_nothing_needs_to_be_set(tmp_path) -> None:
    found = json.loads(start(tmp_path).stdout)
    assert found["BASE_URL"] == "http://127.0.0.1:8000/"
    assert found["LOCK_DURATION"] == "600"
    assert str(tmp_path / "adapter.sqlite3") in found["DATABASES"]


def test_any_setting_may_be_a_file(tmp_path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    assert json.loads(start(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key")).stdout)["SECRET_KEY"] == "from-a-file"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "agendas.example.org"),
        ("BASE_URL", "https://agendas.example.org"),
        ("DEBUG", "perhaps"),
        ("LOCK_DURATION", "long"),
        ("LOCK_DURATION", "100"),
        ("LOCK_DURATION", "1201"),
        ("LOCK_DURATION_MAX", "200"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("LANGUAGE_CODE", "xx"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "http://localhost/"),
        ("KNOWN_SERVICES", "{"),
        ("KNOWN_SERVICES", '{"wcs": {"x": {}}}'),
        ("LOG_LEVEL", "LOUD"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
    ],
)
def test_a_bad_setting_is_named(tmp_path, name, value) -> None:
    found = start(tmp_path, **{name: value})
    assert found.returncode == 1
    last = found.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert name in last


def test_a_secret_is_never_told(tmp_path) -> None:
    services = json.dumps({"wcs": {"x": {**SERVICE, "secret": "hush-hush", "url": "ftp://x/"}}})
    found = start(tmp_path, KNOWN_SERVICES=services)
    assert "hush-hush" not in found.stderr
    assert "hush-hush" not in repr(parse_known_services({"wcs": {"x": {**SERVICE, "secret": "hush-hush"}}}))


def ids(**values: object) -> set[str]:
    safe = {
        "SECRET_KEY": "x" * 60,
        "BASE_URL": "https://agendas.example.org/",
        "KNOWN_SERVICES": parse_known_services({"wcs": {"x": SERVICE}}),
        "REDIS_URL": "redis://localhost/",
        "DEBUG": False,
        "CLOCK_OFFSET": 0,
    }
    with override_settings(**{**safe, **values}):
        return {message.id for message in run_checks(include_deployment_checks=True, tags=["adapter"])} - {
            "adapter.W001"
        }


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, set()),
        ({"SECRET_KEY": "short"}, {"adapter.E001"}),
        ({"BASE_URL": "http://agendas.example.org/"}, {"adapter.E002"}),
        ({"KNOWN_SERVICES": parse_known_services({})}, {"adapter.E003"}),
        ({"DEBUG": True}, {"adapter.E004"}),
        ({"CLOCK_OFFSET": 5}, {"adapter.E005"}),
        ({"REDIS_URL": None}, {"adapter.W002"}),
        ({"PUBLIC_AVAILABILITY": True}, {"adapter.W003"}),
        ({"CONFIRM_WHEN_RECORD_KNOWN": True}, {"adapter.W004"}),
    ],
)
def test_what_is_unsafe_in_production_has_a_code(values, found) -> None:
    assert ids(**values) == found


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://d.example.org/api/forms/1/hooks/x/", True),
        ("https://d.example.org:443/", True),
        ("https://D.EXAMPLE.ORG/", True),
        ("http://d.example.org/", False),
        ("https://d.example.org:8443/", False),
        ("https://d.example.org.evil.org/", False),
        ("https://user@d.example.org/", False),
        ("https://evil.org/https://d.example.org/", False),
    ],
)
def test_only_the_very_place_of_a_service_is_known(url, known) -> None:
    services = parse_known_services({"wcs": {"x": SERVICE}})
    assert (services.service_for_url(url) is not None) is known


def test_who_may_call_is_found_by_the_name_that_wcs_sends() -> None:
    services = parse_known_services({"wcs": {"x": SERVICE}, "chrono": {}})
    assert services.secret_for_orig("d.example.org") == "key"
    assert services.secret_for_orig("a.example.org") is None
    with pytest.raises(ValueError, match="same verif_orig"):
        parse_known_services({"wcs": {"x": SERVICE, "y": SERVICE}})


def test_production_does_not_start_with_the_built_in_key(tmp_path) -> None:
    address = "https://agendas.example.org/"
    refused = start(tmp_path, BASE_URL=address)
    assert refused.returncode != 0
    assert "SECRET_KEY" in refused.stderr
    for values in ({"SECRET_KEY": "k" * 60}, {"DEMO": "on"}):
        assert start(tmp_path, BASE_URL=address, **values).returncode == 0

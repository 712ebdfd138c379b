"""Passive checks of every page, as a scanner does them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from adapter.manager.middleware import content_security_policy
from tests.security.permissions import CALLS, PAGES, Page
from tests.security.test_injection import read

HTML = [page for page in PAGES if "ok" in page.get.split() and "version" not in page.name]


def policy(answer) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {name: values for name, *values in parts}


def check(answer) -> None:
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Server" not in answer.headers
    assert "X-Powered-By" not in answer.headers
    found = policy(answer)
    assert found["default-src"] == ["'none'"]
    assert found["frame-ancestors"] == ["'none'"]
    assert found["base-uri"] == ["'none'"]
    for name in ("script-src", "style-src"):
        assert set(found.get(name, ["'none'"])) <= {"'self'", "'none'"}
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "*" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("page", HTML, ids=lambda page: page.name)
def test_pages(client_of, appointment, page: Page) -> None:
    answer = client_of("admin").get(page.path.format(booking=appointment))
    assert answer.status_code == 200
    check(answer)
    content = answer.content.decode()
    assert not read(content).found
    if page.name != "login":
        # Names stand on it: neither a shared computer nor a proxy may keep it.
        assert "no-store" in answer["Cache-Control"], answer.get("Cache-Control")
    for form in re.findall(r"<form[^>]*method=.post.*?</form>", content, re.DOTALL | re.IGNORECASE):
        assert "csrfmiddlewaretoken" in form
    assert not re.search(r"<a[^>]+target=._blank.(?![^>]*noopener)", content)


@pytest.mark.parametrize("call", [call for call in CALLS if call.verb == "GET"], ids=lambda call: call.name)
def test_webservices(api, call) -> None:
    path, _, query = call.path.partition("?")
    for signed in (True, False):
        answer = api.call("GET", path, query=dict([query.split("=")]) if query else {}, signed=signed)
        found = api.client.get(f"/api/{path}")
        check(found)
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/manage/agendas/nowhere/", "/api/nowhere/", "/%00", "/static/nowhere.js"]
)
def test_errors_too(client_of, path) -> None:
    answer = client_of("admin").get(path)
    assert answer.status_code == 404
    check(answer)
    assert "Traceback" not in answer.content.decode()
    assert "adapter." not in answer.content.decode()


def test_cookies_are_for_us_only(settings, client_of) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client_of("viewer")
    client = Client()
    page = client.get("/login/", secure=True)
    user_page = Client().post("/login/", {"username": "viewer", "password": "x"}, secure=True)
    for cookie in (*page.cookies.values(), *user_page.cookies.values()):
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
    assert user_page.cookies[settings.SESSION_COOKIE_NAME]["httponly"]


def test_browsers_keep_to_https_once_they_saw_it(settings, client_of) -> None:
    settings.SECURE_HSTS_SECONDS = 3600
    assert Client().get("/login/", secure=True)["Strict-Transport-Security"] == "max-age=3600"
    assert "Strict-Transport-Security" not in Client().get("/login/").headers


def test_forms_may_lead_to_known_services_only(settings) -> None:
    text = content_security_policy()
    assert re.search(r"form-action 'self' http://127\.0\.0\.1:9$", text)


def test_a_session_ends_with_log_out_and_changes_with_log_in(client_of, settings) -> None:
    client_of("viewer")
    client = Client()
    client.get("/login/")
    client.cookies[settings.SESSION_COOKIE_NAME] = "fixed-by-somebody"
    client.post("/login/", {"username": "viewer", "password": "x"})
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert key != "fixed-by-somebody"
    client.post("/logout/")
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = key
    assert stolen.get("/manage/").status_code == 302

"""Requests that no browser sends are refused with our headers, whatever page they ask for."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

from adapter.agendas.models import ExceptionSource
from adapter.charsets import KnownCharsets
from tests.manager.conftest import log_in, stopped_clock, town  # noqa: F401

CHARSETS = ("idna", "undefined", "punycode", "utf-7", "utf-16", "hex", "rot13", "unicode_escape", "nonsense", '"', "")
PATHS = ("/login/?next=%ff", "/manage/?a=%ff", "/api/agenda/?a=%ff", "/nowhere/?a=%ff", "/")
CALL = "/api/agenda/mairie/fillslots/"
Answer = tuple[int, dict[str, str], bytes]


def ask(verb: str, path: str, content_type: str) -> Answer:
    """The answer of the application, as a server would call it."""
    address, _, query = path.partition("?")
    environ = RequestFactory()._base_environ(
        PATH_INFO=address, QUERY_STRING=query, REQUEST_METHOD=verb, CONTENT_TYPE=content_type, CONTENT_LENGTH="5"
    )
    environ["wsgi.input"] = io.BytesIO(b"a=%ff")
    seen: list[tuple[str, list[tuple[str, str]]]] = []
    application = KnownCharsets(get_wsgi_application())
    body = application(environ, lambda status, headers: seen.append((status, headers)))
    content = b"".join(body)
    body.close()
    status, headers = seen[0]
    return int(status[:3]), dict(headers), content


@pytest.mark.django_db
@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_odd_charset_is_refused_with_our_headers(charset, path, verb) -> None:
    status, headers, content = ask(verb, path, f"application/x-www-form-urlencoded; charset={charset}")
    assert status == (405 if verb == "POST" and path.startswith("/api/agenda/?") else 400)
    for name in ("X-Content-Type-Options", "Content-Security-Policy", "X-Request-Id", "X-Frame-Options"):
        assert headers[name]
    if path.startswith("/api/"):
        assert json.loads(content)["err"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize("charset", CHARSETS)
def test_an_odd_charset_of_a_call_is_refused(charset) -> None:
    status, _headers, content = ask("POST", CALL, f"application/json; charset={charset}")
    assert (status, json.loads(content)["err"]) == (400, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", ["a*=foo''%41", "a*=idna''%ff", "a*=\0''%41", "filename*=undefined''%ff"])
@pytest.mark.parametrize("path", ["/login/", "/api/agenda/"])
def test_an_odd_charset_of_another_parameter_is_refused(path, parameter) -> None:
    status, headers, _content = ask("GET", path, f"text/plain; {parameter}")
    assert status == 400
    assert headers["X-Request-Id"]


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "iso-8859-1", "latin-1", "windows-1252", "US-ASCII"])
def test_charsets_of_forms_are_read(charset) -> None:
    assert ask("GET", "/login/?next=%2Fmanage%2F", f"text/plain; charset={charset}")[0] == 200


def test_the_server_calls_the_application_that_takes_them_away() -> None:
    source = (Path(__file__).parents[2] / "adapter/wsgi.py").read_text("utf-8")
    assert "application = KnownCharsets(" in source


HUGE = ("9" * 30, "9" * 19, "-" + "9" * 30, "9" * 5000, "1e400", "\u0663" * 40)


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("page", ["exceptions/add/", "openings/add/", "sources/add/", "members/"])
def test_a_huge_number_of_a_row_is_refused(log_in, page, number) -> None:  # noqa: F811
    path = f"/manage/agendas/mairie/settings/{page}"
    answer = log_in("admin").post(path, {"desks": number, "members": number, "source": number})
    assert answer.status_code in (404, 405, 409, 422), answer.status_code
    assert not ExceptionSource.objects.exists()


@pytest.mark.parametrize("number", HUGE)
def test_a_huge_number_of_a_lock_is_none(log_in, number) -> None:  # noqa: F811
    answer = log_in("admin").post("/manage/locks/release/", {"lock": number})
    assert answer.status_code == 302

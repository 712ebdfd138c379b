"""Exceptions from an address, read over real HTTP."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import translation

from adapter.agendas.models import Closure, ExceptionSource
from adapter.manager.settings.words import source_error_in_words
from tests.manager.settings.test_forms import EVENT, SETTINGS


class Site:
    """A web server with one calendar, which may break."""

    def __init__(self) -> None:
        self.text, self.status = EVENT, 200
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(site.status)
                self.end_headers()
                self.wfile.write(site.text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/conges.ics"


@pytest.fixture
def site(settings) -> Iterator[Site]:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["localhost"]
    site = Site()
    threading.Thread(target=site.server.serve_forever, args=(0.05,), daemon=True).start()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def data(mairie, site) -> dict[str, object]:
    return {"label": "Congés", "desks": [desk.pk for desk in mairie.desks.all()], "ics_url": site.url}


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def notice(answer) -> tuple[str, str]:
    """The kind of the message that a page shows for what was just done, and its text."""
    [message] = answer.context["messages"]
    return message.level_tag, str(message)


def failed(answer) -> list[str]:
    """What the list of calendars says of those that could not be read."""
    return re.findall(r'<span class="failed">(.*?)</span>', html.unescape(answer.content.decode()))


def in_words(error: str) -> str:
    with translation.override("fr"):
        return source_error_in_words(error)


def test_it_is_read_at_once_and_again_on_demand(editor, site, data) -> None:
    answer = editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True)
    kind, text = notice(answer)
    assert kind == "success" and "1" in text
    assert "Réveillon" in words(answer)
    assert "23/11/2026 11:00" in words(answer)
    refresh = f"{SETTINGS}sources/{ExceptionSource.objects.get().pk}/refresh/"
    closure = Closure.objects.get().pk
    assert notice(editor.post(refresh, follow=True))[0] == "success"
    assert Closure.objects.get().pk == closure
    site.text = EVENT.replace("Réveillon", "Noël").replace("20261224", "20261223")
    kind, text = notice(editor.post(refresh, follow=True))
    assert kind == "success" and text.startswith("2 ")
    assert Closure.objects.get().label == "Noël"


def test_when_it_cannot_be_read_its_days_stay_and_the_reason_is_told(editor, site, data) -> None:
    editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True)
    site.status = 404
    path = f"{SETTINGS}sources/{ExceptionSource.objects.get().pk}/"
    answer = editor.post(f"{path}refresh/", follow=True)
    kind, text = notice(answer)
    assert kind == "warning" and in_words("HTTP 404") in text
    [line] = failed(answer)
    assert in_words("HTTP 404") in line and "404" in line
    assert Closure.objects.get().label == "Réveillon"
    site.status = 200
    assert failed(editor.post(f"{path}refresh/", follow=True)) == []


def test_an_address_that_cannot_be_read_yet_is_kept_and_tried_again(editor, site, data) -> None:
    site.text = "nonsense"
    answer = editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True)
    source = ExceptionSource.objects.get()
    assert source.last_error
    kind, text = notice(answer)
    assert kind == "warning" and in_words(source.last_error) in text
    assert len(failed(answer)) == 1


def test_a_calendar_that_closes_nothing_is_no_success_without_a_word(editor, site, data) -> None:
    site.text = EVENT.replace("2026122", "2025122")
    assert notice(editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True))[0] == "warning"
    assert not Closure.objects.exists()
    path = f"{SETTINGS}sources/{ExceptionSource.objects.get().pk}/"
    answer = editor.post(path, {**data, "label": "Vacances"}, follow=True)
    assert notice(answer)[0] == "success"
    assert ExceptionSource.objects.get().label == "Vacances"
    assert "Congés" in words(answer)  # in the history


def test_a_private_address_is_refused_with_the_way_to_allow_it(editor, settings, data) -> None:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = []
    kind, text = notice(editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True))
    assert kind == "warning" and "ICS_PRIVATE_HOSTS_ALLOWED" in text
    assert not Closure.objects.exists()


def test_webcal_is_https(editor, data) -> None:
    editor.post(f"{SETTINGS}sources/add/ics_url/", {**data, "ics_url": "webcal://localhost:1/a.ics"})
    assert ExceptionSource.objects.get().ics_url == "https://localhost:1/a.ics"


@pytest.mark.parametrize(
    "error",
    [
        "10.0.0.1 is on a private network",
        "HTTP 500",
        "cannot be read (ConnectTimeout)",
        "too many redirects",
        "only http:// and https:// addresses can be read",
        "larger than 5 MiB",
        "not read within 30 seconds",
    ],
)
def test_every_error_of_reading_has_words(error) -> None:
    with translation.override("fr"):
        assert source_error_in_words(error) != error
        assert source_error_in_words(f"{error}.") == source_error_in_words(error)
    assert source_error_in_words("Autre chose.") == "autre chose"

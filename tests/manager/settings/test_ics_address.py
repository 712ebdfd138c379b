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


def test_it_is_read_at_once_and_again_on_demand(editor, site, data) -> None:
    page = words(editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True))
    assert "Ajouté : 1 fermeture." in page
    assert "Réveillon" in page
    assert "lu le 23/11/2026 11:00" in page
    refresh = f"{SETTINGS}sources/{ExceptionSource.objects.get().pk}/refresh/"
    assert "Rien n'y a changé" in words(editor.post(refresh, follow=True))
    site.text = EVENT.replace("Réveillon", "Noël").replace("20261224", "20261223")
    assert "fermetures modifiées" in words(editor.post(refresh, follow=True))
    assert Closure.objects.get().label == "Noël"


def test_when_it_cannot_be_read_its_days_stay_and_the_reason_is_told(editor, site, data) -> None:
    editor.post(f"{SETTINGS}sources/add/ics_url/", data)
    site.status = 404
    path = f"{SETTINGS}sources/{ExceptionSource.objects.get().pk}/"
    page = words(editor.post(f"{path}refresh/", follow=True))
    assert "n'a pas pu être lu : le serveur répond 404, vérifiez l'adresse." in page
    assert "Dernière lecture en échec : le serveur répond 404" in page
    assert Closure.objects.get().label == "Réveillon"
    site.status = 200
    assert "en échec" not in words(editor.post(f"{path}refresh/", follow=True))


def test_an_address_that_cannot_be_read_yet_is_kept_and_tried_again(editor, site, data) -> None:
    site.text = "nonsense"
    page = words(editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True))
    assert "est gardé, mais n'a pas pu être lu : ce n'est pas un calendrier" in page
    assert "iCalendar" in page
    assert ExceptionSource.objects.get().last_error


def test_a_calendar_that_closes_nothing_is_no_success_without_a_word(editor, site, data) -> None:
    site.text = EVENT.replace("2026122", "2025122")
    assert "Ajouté, mais ne ferme rien" in words(editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True))
    path = f"{SETTINGS}sources/{ExceptionSource.objects.get().pk}/"
    page = words(editor.post(path, {**data, "label": "Vacances"}, follow=True))
    assert "Enregistré. Les mêmes jours restent fermés." in page
    assert "Calendrier d'exceptions ajouté Congés" in page


def test_a_private_address_is_refused_with_the_way_to_allow_it(editor, settings, data) -> None:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = []
    page = words(editor.post(f"{SETTINGS}sources/add/ics_url/", data, follow=True))
    assert "réseau privé" in page
    assert "ICS_PRIVATE_HOSTS_ALLOWED" in page


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

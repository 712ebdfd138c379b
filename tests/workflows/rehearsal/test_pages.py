"""The pages of the stand-in over HTTP, as people click through them (wcs-runtime.md §2, wcs-xml.md §6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from workflows import builder as b
from workflows.rehearsal.site import Site

from .making import form_of, sent, served, site_of, workflow_of

PUBLIC = "http://demarches.example.net/"
AGENT, READER, CITIZEN = "a" * 32, "b" * 32, "c" * 32


class Browser:
    """Somebody's browser at a stand-in that listens at ``base`` and calls itself by its public address."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self._follow(self.session.get(self._address(path), timeout=20, allow_redirects=False))

    def post(self, path: str, **given: Any) -> requests.Response:
        """Press a button, and see the page that it leads to."""
        return self._follow(self.session.post(self._address(path), data=given, timeout=20, allow_redirects=False))

    def _follow(self, answer: requests.Response) -> requests.Response:
        return self.get(answer.headers["Location"]) if answer.is_redirect else answer

    def _address(self, path: str) -> str:
        for own in (PUBLIC, self.base):
            path = path.removeprefix(own)
        assert "://" not in path, path
        return self.base + path.lstrip("/")

    def log_in(self, person: str) -> None:
        """As one of the people of the demo."""
        self.post("login/", person=person, next="/")


def made() -> Site:
    """A form of two pages with a summary; its record can be corrected, ended, and ends by itself after a day."""
    waiting = [
        b.editable("Corriger", "2", ["_submitter"], id="e"),
        b.choice("Terminer", "3", ["_submitter"], id="c"),
        b.jump("3", timeout="86400", id="t"),
    ]
    statuses = (b.status("1", "Reçue", waiting), b.status("2", "Corrigée"), b.status("3", "Terminée"))
    fields = (
        b.page("Vous", id="p1"),
        b.text_field("Nom", "nom", id="1"),
        b.page("Demande", id="p2"),
        b.text_field("Objet", "objet", id="2"),
    )
    return site_of(form_of(*fields), workflow_of(*statuses))


@pytest.fixture
def site() -> Site:
    """The site of :func:`made`."""
    return made()


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """Nobody in particular, at a stand-in that runs."""
    with served(site) as base:
        yield Browser(base)


def data_of(site: Site, number: int = 1) -> dict[str, Any]:
    return {name: value.raw for name, value in site.records["demande", number].data.items()}


def test_a_citizen_fills_page_by_page_goes_back_and_sends(site: Site, browser: Browser) -> None:
    first = browser.get("demande/")
    assert first.url.endswith("/demande/1/fill/") and "Nom" in first.text
    refused = browser.post("demande/1/fill/")
    assert "Nom" in refused.text and site.records["demande", 1].draft
    second = browser.post("demande/1/fill/", f1="Ada")
    assert "Objet" in second.text
    assert "Ada" in browser.post("demande/1/fill/", back="1").text
    browser.post("demande/1/fill/", f1="Ada L.")
    page = browser.post("demande/1/fill/", f2="Passeport")
    if site.records["demande", 1].draft:
        page = browser.post("demande/1/fill/", send="1")
    assert not site.records["demande", 1].draft
    assert page.url.endswith("/demande/1/") and "Reçue" in page.text
    # What was sent is not filled again, and not sent twice.
    assert browser.get("demande/1/fill/").url.endswith("/demande/1/")
    assert list(site.records) == [("demande", 1)]


def test_a_citizen_who_gives_up_leaves_nothing(site: Site, browser: Browser) -> None:
    browser.get("demande/")
    browser.post("demande/1/fill/", cancel="1")
    assert site.records["demande", 1].removed


def test_a_record_is_corrected_at_the_end_and_not_before(site: Site, browser: Browser) -> None:
    sent(site, {"nom": "Ada", "objet": "Passeport"})
    before = data_of(site)
    form = browser.post("demande/1/", offer="editable-1-e")
    assert "/edit/" in form.url and "Ada" in form.text
    browser.post(form.url, f1="Ada Lovelace")
    assert data_of(site) == before
    ended = browser.post(form.url, f2="Carte")
    assert "/edit/" not in ended.url and "Corrigée" in ended.text
    assert "Ada Lovelace" in ended.text and "Carte" in ended.text
    # The button is gone with its status.
    assert browser.get(form.url).status_code == 403


def test_a_correction_that_is_given_up_changes_nothing(site: Site, browser: Browser) -> None:
    sent(site, {"nom": "Ada", "objet": "Passeport"})
    before = data_of(site)
    form = browser.post("demande/1/", offer="editable-1-e")
    browser.post(form.url, f1="Personne")
    assert browser.post(form.url, cancel="1").url.endswith("/demande/1/")
    assert data_of(site) == before
    # Begun anew, it begins with what is stored.
    assert "Ada" in browser.post("demande/1/", offer="editable-1-e").text


def test_a_button_leads_on_and_one_that_is_not_there_is_refused(site: Site, browser: Browser) -> None:
    sent(site, {"nom": "Ada", "objet": "Passeport"})
    assert browser.post("demande/1/", offer="nosuch").status_code == 403
    assert "Terminée" in browser.post("demande/1/", offer="choice-1-c").text
    assert browser.post("demande/1/", offer="choice-1-c").status_code == 403


def test_time_passes_when_it_is_told_to(site: Site, browser: Browser) -> None:
    sent(site, {"nom": "Ada", "objet": "Passeport"})
    browser.post("time/", seconds="86399", next="/")
    assert "Reçue" in browser.get("demande/1/").text
    browser.post("time/", seconds="nonsense", next="/")
    moved = browser.post("time/", seconds="2", next="/demande/1/")
    assert moved.url.endswith("/demande/1/") and "Terminée" in moved.text
    # Whatever a page says, nobody is led elsewhere.
    assert browser.post("time/", seconds="1", next="https://example.net/").url.startswith(browser.base)


def test_only_agents_who_may_submit_fill_for_a_citizen(site: Site, browser: Browser) -> None:
    assert "/login/" in browser.get("backoffice/submission/demande/").url
    browser.log_in(READER)
    assert browser.get("backoffice/submission/demande/").status_code == 403
    browser.log_in(AGENT)
    query = f"?channel=phone&caller=0102030405&NameID={CITIZEN}&ReturnURL=/agenda/&cancelurl=/login/"
    page = browser.get(f"backoffice/submission/demande/{query}")
    assert page.url.endswith("/backoffice/submission/demande/1/")
    record = site.records["demande", 1]
    assert record.user is not None and record.user.name_id == CITIZEN
    assert record.context == {
        "return_url": "/agenda/",
        "cancel_url": "/login/",
        "caller": "0102030405",
        "submission-locked": {"channel": "phone", "user_id": str(record.user.id)},
    }
    # Giving up leads where the agent came from.
    assert browser.post("backoffice/submission/demande/1/", cancel="1").url.endswith("/login/")
    assert record.removed


def test_an_agent_sees_a_record_and_a_draft_that_was_sent_says_so(site: Site, browser: Browser) -> None:
    number = sent(site, {"nom": "Ada", "objet": "Passeport"}, backoffice=True).record.id
    managed = f"backoffice/management/demande/{number}/"
    assert "/login/" in browser.get(managed).url
    browser.log_in(CITIZEN)
    assert browser.get(managed).status_code == 403
    browser.log_in(AGENT)
    assert "Passeport" in browser.get(managed).text
    page = browser.get(f"backoffice/submission/demande/{number}/")
    assert managed in page.text
    browser.post("logout/")
    assert "/login/" in browser.get(managed).url


def test_a_draft_leads_from_its_record_to_its_form(site: Site, browser: Browser) -> None:
    browser.get("demande/")
    assert browser.get("demande/1/").url.endswith("/demande/1/fill/")
    browser.log_in(AGENT)
    browser.get("backoffice/submission/demande/")
    managed = browser.get("backoffice/management/demande/2/")
    assert managed.url.endswith("/backoffice/submission/demande/2/")


@pytest.mark.parametrize(
    "path", ["nosuch/", "demande/9/", "demande/9/fill/", "demande/9/edit/editable-1-e/", "backoffice/x/"]
)
def test_what_is_not_there_says_so(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_an_address_without_its_last_slash_is_led_on(browser: Browser) -> None:
    assert browser.get("calls").url.endswith("/calls/")

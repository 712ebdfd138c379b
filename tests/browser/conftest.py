"""Headless Chromium, on a desktop and on a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache as django_cache
from playwright.sync_api import Browser, Page, expect, sync_playwright

from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services.demo import load_demo
from adapter.clock import now
from tests.browser.agents import PASSWORD
from tests.support.databases import SavedDatabase
from tests.support.signed import known_services
from tests.support.wcs_double import FakeForm, WcsDouble

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "demo.json"

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}

# Milliseconds: machines that do other things as well are slow, and nothing is waited for that is there.
PATIENCE = 20_000

# Seconds for which a demo serves: it holds slots, for ten minutes.
FRESH = 180

POLICY = "Content Security Policy"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; missing, its tests are skipped, and fail in continuous integration.

    Its event loop must end with these tests: Django refuses to work beside one.
    """
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI") == "true":
            raise RuntimeError("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def forms(settings) -> Iterator[WcsDouble]:
    """A w.c.s. with the form of the demo."""
    django_cache.clear()
    with WcsDouble(FakeForm(title="Prendre rendez-vous")) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


@pytest.fixture(scope="session")
def saved_demo() -> Iterator[SavedDatabase]:
    """The demo as it was loaded."""
    saved = SavedDatabase()
    yield saved
    saved.close()


@pytest.fixture
def demo(live_server, settings, forms, transactional_db, saved_demo: SavedDatabase) -> str:
    """The address of a running site with the demo's agendas, appointments and logins."""
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    if saved_demo.age < FRESH:
        saved_demo.bring_back()
    else:
        load_demo(FIXTURE, password=PASSWORD, now=now())
        saved_demo.take()
    return live_server.url


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    """A page with a mouse and a keyboard."""
    yield from _page(browser, DESKTOP)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A narrow page that is touched."""
    yield from _page(browser, PHONE)


def _page(browser: Browser, options: dict[str, object]) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script of the page failed: {error}"))
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if POLICY in message.text else None)
    yield page
    context.close()
    assert refused == [], "nothing of our own pages is against their policy"

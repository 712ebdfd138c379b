"""``make screenshots``: pictures of the pages for the documentation, from the demo's data, on a desktop and a phone."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.support.servers import free_port  # noqa: E402
from tests.workflows.appointments import booking, form, save, workflow  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
READY = "Ctrl-C stops everything."
SCREENS = {"bureau": {"width": 1280, "height": 860}, "telephone": {"width": 390, "height": 844}}
# Tabs of the settings, by the name of their picture: those of a real agenda, and those that only a virtual one has.
SETTINGS = {
    "general": "general",
    "delais": "delays",
    "types": "meeting-types",
    "guichets": "desks",
    "ouvertures": "openings",
    "exceptions": "exceptions",
    "rappels": "reminders",
    "roles": "permissions",
    "reservation": "backoffice-booking",
    "historique": "history",
}
VIRTUAL_SETTINGS = {"agendas-reels": "members", "periodes-exclues": "excluded-periods"}
# Pixels below the last thing on a page.
MARGIN = 24
# Milliseconds for the journeys of a rehearsal.
REHEARSED = 120_000


def main() -> int:
    """Start a demo of its own, take the pictures, stop it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("*** Chromium is not installed.", file=sys.stderr)
        return 1
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="adapter-pictures-") as home:
        environment = {**os.environ, "PORT": str(port), "ADAPTER_HOME": home}
        command = [sys.executable, "scripts/demo.py"]
        demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert demo.stdout
        try:
            if not any(READY in line for line in demo.stdout):
                return 1
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                for name, size in SCREENS.items():
                    take(browser, f"http://127.0.0.1:{port}", name, size)
                browser.close()
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait()
    return 0


def take(browser: Browser, base: str, screen: str, size: dict[str, int]) -> None:
    """Every page on one screen, as the agent of the demo sees it, and what administrators see, as one."""
    day = (datetime.datetime.now().astimezone() + datetime.timedelta(days=2)).date()
    while day.weekday() > 4:
        day += datetime.timedelta(days=1)
    agenda = f"{base}/manage/agendas/mairie"
    page = new_page(browser, size)
    page.goto(f"{base}/login/")
    picture(page, "connexion", screen)
    log_in(page, base, "agent")
    pages = {
        "accueil": f"{base}/manage/",
        "jour": f"{agenda}/day/{day:%Y/%m/%d}/",
        "semaine": f"{agenda}/week/{day:%Y/%m/%d}/",
        "mois": f"{agenda}/month/{day:%Y/%m/%d}/",
        "virtuel": f"{base}/manage/agendas/toutes-mairies/day/{day:%Y/%m/%d}/",
        "rendez-vous": f"{base}/manage/bookings/",
        "impression": f"{agenda}/day/{day:%Y/%m/%d}/print/",
        "flux": f"{agenda}/feed/",
        "verrous": f"{base}/manage/locks/",
    }
    for name, address in pages.items():
        page.goto(address)
        picture(page, name, screen)
    # What a click opens in the calendar, by its link.
    pop_ups = {"reservation": ".gap a", "retenu": ".block.held a.details", "detail": ".block.booked a.details"}
    for name, link in pop_ups.items():
        page.goto(pages["jour"])
        page.locator(link).first.click()
        page.locator("#popup .chosen").wait_for()
        page.screenshot(path=PICTURES / f"{name}-{screen}.png")
    page.goto(f"{base}/manage/bookings/")
    page.locator("table.main a").first.click()
    picture(page, "un-rendez-vous", screen)
    page.context.close()
    page = new_page(browser, size)
    log_in(page, base, "admin")
    page.goto(f"{agenda}/why/?day={day}&time=12:30")
    picture(page, "pourquoi", screen)
    administer(page, base, screen)
    page.goto(f"{base}/manage/studio/")
    with tempfile.TemporaryDirectory() as folder:
        page.set_input_files("#s-files", save(Path(folder), form(), workflow(booking())))
        page.click(".drop .submit-button")
        page.locator("details.diff summary").first.click()
        page.screenshot(path=PICTURES / f"studio-{screen}.png", full_page=screen == "bureau")
    page.get_by_role("button", name="Répéter").click()
    page.locator(".journey").first.wait_for(timeout=REHEARSED)
    picture(page, "repetition", screen)
    page.context.close()


def administer(page: Page, base: str, screen: str) -> None:
    """The tabs of the settings, their diagnosis and a pop-up; a file on its way in; a new agenda."""
    for slug, tabs in {"mairie": SETTINGS, "toutes-mairies": VIRTUAL_SETTINGS}.items():
        for name, tab in tabs.items():
            open_tab(page, base, slug, tab)
            if tab == "backoffice-booking":
                page.get_by_role("button", name="Vérifier").click()
                page.locator(".diagnosis li").first.wait_for()
            picture(page, f"parametrage-{name}", screen, whole=tab == "backoffice-booking")
    open_tab(page, base, "mairie", "openings")
    page.get_by_role("link", name="Ajouter des périodes d'ouverture").click()
    page.get_by_role("dialog").wait_for()
    page.screenshot(path=PICTURES / f"parametrage-periode-{screen}.png")
    page.goto(f"{base}/manage/add-agenda/")
    picture(page, "nouvel-agenda", screen)
    document = page.request.get(f"{base}/manage/agendas/annexe/settings/export/").json()
    document["agendas"][0] |= {"label": "Mairie annexe", "minimal_booking_delay": 2}
    document["agendas"][0]["desks"][0]["openings"][0]["end"] = "12:30"
    page.goto(f"{base}/manage/import-agendas/")
    file = {"name": "agenda-annexe.json", "mimeType": "application/json", "buffer": json.dumps(document).encode()}
    page.set_input_files("#id_file", file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Montrer").click()
    page.locator("table.main").wait_for()
    picture(page, "import", screen)


def open_tab(page: Page, base: str, slug: str, tab: str) -> None:
    """A tab of the settings, as its address opens it."""
    page.goto("about:blank")
    page.goto(f"{base}/manage/agendas/{slug}/settings/#open:{tab}")


def picture(page: Page, name: str, screen: str, *, whole: bool = False) -> None:
    """What the screen shows (``whole``: and what it would show after scrolling), without the empty part below."""
    size = page.viewport_size
    assert size
    last = page.locator("#content, #main-content").last.evaluate(
        "e => Math.max(...[e, ...e.querySelectorAll('*')].map(item => item.getBoundingClientRect().bottom)) + scrollY"
    )
    height = round(last) + MARGIN
    if not whole:
        height = min(height, size["height"])
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height}
    page.screenshot(path=PICTURES / f"{name}-{screen}.png", clip=clip, full_page=whole)  # type: ignore[arg-type]


def new_page(browser: Browser, size: dict[str, int]) -> Page:
    """A page of a browser that nobody used yet."""
    return browser.new_context(viewport=size, locale="fr-FR", timezone_id="Europe/Paris").new_page()  # type: ignore[arg-type]


def log_in(page: Page, base: str, name: str) -> None:
    """By the demo's login of that name."""
    page.goto(f"{base}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", os.environ.get("DEMO_PASSWORD") or "demo")
    page.click(".log-in button")


if __name__ == "__main__":
    sys.exit(main())

"""``make screenshots``: pictures of the pages for the documentation, from the demo's data, on a desktop and a phone."""

from __future__ import annotations

import datetime
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
# Tabs of the settings, by the name of their picture.
SETTINGS = {"ouvertures": "openings", "exceptions": "exceptions", "reservation": "backoffice-booking"}


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
    page = log_in(browser, base, size, "agent")
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
        page.screenshot(path=PICTURES / f"{name}-{screen}.png")
    # What a click opens in the calendar, by its link.
    pop_ups = {"reservation": ".gap a", "retenu": ".block.held a.details", "detail": ".block.booked a.details"}
    for name, link in pop_ups.items():
        page.goto(pages["jour"])
        page.locator(link).first.click()
        page.locator("#popup .chosen").wait_for()
        page.screenshot(path=PICTURES / f"{name}-{screen}.png")
    page.goto(f"{base}/manage/bookings/")
    page.locator("table.main a").first.click()
    page.screenshot(path=PICTURES / f"un-rendez-vous-{screen}.png")
    page.context.close()
    page = log_in(browser, base, size, "admin")
    page.goto(f"{agenda}/why/?day={day}&time=12:30")
    page.screenshot(path=PICTURES / f"pourquoi-{screen}.png")
    page.goto(f"{base}/manage/studio/")
    with tempfile.TemporaryDirectory() as folder:
        page.set_input_files("#s-files", save(Path(folder), form(), workflow(booking())))
        page.click(".drop .submit-button")
        page.locator("details.diff summary").first.click()
        page.screenshot(path=PICTURES / f"studio-{screen}.png", full_page=screen == "bureau")
    for name, tab in SETTINGS.items():
        page.goto("about:blank")
        page.goto(f"{agenda}/settings/#open:{tab}")
        page.screenshot(path=PICTURES / f"parametrage-{name}-{screen}.png")
    page.context.close()


def log_in(browser: Browser, base: str, size: dict[str, int], name: str) -> Page:
    """A page of the demo's login of that name."""
    page = browser.new_context(viewport=size, locale="fr-FR", timezone_id="Europe/Paris").new_page()  # type: ignore[arg-type]
    page.goto(f"{base}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", os.environ.get("DEMO_PASSWORD") or "demo")
    page.click(".log-in button")
    return page


if __name__ == "__main__":
    sys.exit(main())

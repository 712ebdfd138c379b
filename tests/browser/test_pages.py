"""The pages beside the calendar in a real browser: by mouse, by keyboard, on a phone, for readers of screens."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from adapter.agendas.models import Booking, BookingState, Callback
from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from adapter.clock import now
from adapter.manager.models import Rehearsal
from adapter.manager.services.rehearsals import carry_out
from adapter.manager.studio.playing import Played
from tests.agendas.builders import ALICE, make_agenda
from tests.browser.accessibility import serious_faults
from tests.workflows.appointments import booking as booking_action
from tests.workflows.appointments import form, save, workflow

pytestmark = pytest.mark.servers
DAY = (now() + datetime.timedelta(days=2)).date()

# How much room a select keeps free at its right, and where its arrow begins, both from its right edge.
ROOM_OF_A_SELECT = """select => {
  const style = getComputedStyle(select);
  const place = parseFloat(style.backgroundPosition.match(/100% - ([0-9.]+)px/)[1]);
  return [parseFloat(style.paddingRight), place + parseFloat(style.backgroundSize)];
}"""


@pytest.fixture
def site(live_server, settings, transactional_db) -> str:
    """The agenda *mairie* with appointments and locks, and the login *agent*, who may do everything there."""
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    roles = [Group.objects.create(name=name) for name in ("voir", "réserver", "paramétrer")]
    make_agenda(weekdays=range(7), view_role=roles[0], booking_role=roles[1], edit_role=roles[2])
    get_user_model().objects.create_user("agent", "agent@example.org", "secret-word").groups.set(roles)
    get_user_model().objects.create_superuser("admin", "admin@example.org", "secret-word")
    book("0900", "Ada", "Lovelace")
    book("0920", "Grace", "Hopper", label="Dossier de passeport à compléter avec l'acte de naissance")
    hold(HoldRequest("mairie", (slot("0900"),), "A", holder="agent", form_slug="rendez-vous"), now=now(), actor=ALICE)
    hold(HoldRequest("mairie", (slot("1000"),), "B", holder="demarches", half_adapted=True), now=now(), actor=ALICE)
    return live_server.url


def slot(start: str) -> str:
    return f"passeport:{DAY}-{start}"


def book(start: str, first: str, last: str, **values: str) -> Booking:
    details = BookingDetails(
        user_first_name=first,
        user_last_name=last,
        user_email=f"{last.lower()}@example.org",
        backoffice_url="https://demarches.test/backoffice/management/rendez-vous/42/",
        cancel_callback_url="https://demarches.test/hook/",
        **values,
    )
    return confirm(BookingRequest("mairie", (slot(start),), details=details), now=now(), actor=ALICE).booking


def log_in(page: Page, site: str, name: str = "agent") -> None:
    page.goto(f"{site}/login/")
    page.get_by_label("Nom d'utilisateur").fill(name)
    page.get_by_label("Mot de passe").fill("secret-word")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Agendas", level=2)).to_be_visible()


def addresses() -> dict[str, str]:
    """Every page of this part."""
    booking = Booking.objects.get(user_last_name="Hopper").pk
    lock = Booking.objects.get(lock_code="A").pk
    return {
        "home": "/manage/",
        "bookings": "/manage/bookings/",
        "nothing found": "/manage/bookings/?q=personne",
        "nonsense": "/manage/bookings/?since=demain",
        "booking": f"/manage/bookings/{booking}/",
        "cancel": f"/manage/bookings/{booking}/cancel/",
        "lock": f"/manage/bookings/{lock}/",
        "locks": "/manage/locks/",
        "all locks": "/manage/locks/?state=all",
        "why": f"/manage/agendas/mairie/why/?day={DAY}&time=12:30",
        "print": f"/manage/agendas/mairie/day/{DAY:%Y/%m/%d}/print/",
        "feed": "/manage/agendas/mairie/feed/",
        "studio": "/manage/studio/",
    }


def tab_to(page: Page, name: str, role: str = "button", most: int = 80) -> None:
    """Reach an element by the Tab key alone."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    expect(wanted.first).to_be_visible()
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.first.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{name} cannot be reached by keyboard")


def test_the_places_lead_everywhere(desktop, site) -> None:
    log_in(desktop, site)
    for name in ("Rendez-vous", "Verrous", "Studio", "Agendas"):
        desktop.get_by_role("navigation", name="Navigation principale").get_by_role("link", name=name).click()
        expect(desktop.get_by_role("heading", name=name, level=2)).to_be_visible()
        expect(desktop.locator(".main-navigation [aria-current]")).to_have_text(name)


def test_who_is_logged_in_is_told_on_a_phone_too(phone, site) -> None:
    get_user_model().objects.filter(username="agent").update(
        first_name="Marie-Antoinette Clémentine", last_name="de la Rochefoucauld-Montmorency"
    )
    log_in(phone, site)
    name = phone.locator(".ui-name")
    expect(name).to_be_visible()
    title, told = phone.locator("#header h1"), phone.locator(".user-info")
    words = title.evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right; }"
    )
    box = told.bounding_box()
    assert box
    assert box["x"] >= words, "the name does not lie over the title"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get_by_role("button", name="Se déconnecter").tap()
    expect(phone.get_by_label("Mot de passe")).to_be_visible()


def test_no_choice_runs_under_its_arrow_and_fields_of_a_search_stand_in_line(desktop, site) -> None:
    log_in(desktop, site)
    for path in ("/manage/bookings/", f"/manage/agendas/mairie/week/{DAY:%Y/%m/%d}/", "/manage/locks/"):
        desktop.goto(site + path)
        for select in desktop.locator("select:visible").all():
            free, arrow = select.evaluate(ROOM_OF_A_SELECT)
            assert free >= arrow, f"{path}: {select.get_attribute('name')}"
    desktop.goto(f"{site}{addresses()['why']}")
    tops = {label.bounding_box()["y"] for label in desktop.locator(".search label").all()}  # type: ignore[index]
    assert len(tops) == 1


def test_the_calendar_leads_to_reasons_and_to_the_rule(desktop, site) -> None:
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/agendas/mairie/day/{DAY:%Y/%m/%d}/")
    desktop.get_by_role("link", name="Pourquoi ce créneau n'est-il pas proposé ?").click()
    expect(desktop.get_by_label("Jour")).to_have_value(f"{DAY}")
    expect(desktop.get_by_role("row", name="09:00 ✗")).to_contain_text("Voir le verrou")
    desktop.get_by_label("Heure (facultative)").fill("12:30")
    desktop.get_by_role("button", name="Expliquer").click()
    expect(desktop.get_by_role("status")).to_contain_text("Ouvert ce jour-là")
    expect(desktop.get_by_role("status").get_by_role("link")).to_have_attribute(
        "href", "/manage/agendas/mairie/settings/#open:openings"
    )


def test_a_booking_is_found_and_cancelled_by_keyboard_alone(desktop, site) -> None:
    log_in(desktop, site)
    field = desktop.get_by_label("Trouver un rendez-vous")
    for _ in range(30):
        if field.evaluate("element => element === document.activeElement"):
            break
        desktop.keyboard.press("Tab")
    desktop.keyboard.type("lovelace")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("1 rendez-vous")).to_be_visible()
    tab_to(desktop, "Passeport", "link")
    desktop.keyboard.press("Enter")
    tab_to(desktop, "Annuler le rendez-vous", "link")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("link", name="Le garder")).to_be_visible()
    tab_to(desktop, "Annuler le rendez-vous")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("Le rendez-vous est annulé.")).to_be_visible()
    assert Booking.objects.get(user_last_name="Lovelace").state == BookingState.CANCELLED
    assert Callback.objects.get().url == "https://demarches.test/hook/"


def test_the_files_are_taken_away(desktop, site, tmp_path) -> None:
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/bookings/")
    with desktop.expect_download() as download:
        desktop.get_by_role("link", name="Fichier CSV").click()
    download.value.save_as(tmp_path / "list.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8"))))
    assert [row[10] for row in rows] == ["Nom", "Lovelace", "Hopper"]
    with desktop.expect_download() as download:
        desktop.get_by_role("link", name="Tableur (ODS)").click()
    download.value.save_as(tmp_path / "list.ods")
    assert b"Lovelace" in zipfile.ZipFile(tmp_path / "list.ods").read("content.xml")


def test_many_locks_are_chosen_at_once_and_released(desktop, site) -> None:
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/locks/")
    expect(desktop.get_by_text("1 créneau a été retenu pour une demande")).to_be_visible()
    desktop.get_by_label("Tout choisir").check()
    desktop.get_by_role("button", name="Libérer les verrous choisis…").click()
    expect(desktop.get_by_role("listitem").filter(has_text="10:00")).to_be_visible()
    desktop.get_by_role("button", name="Libérer").click()
    expect(desktop.get_by_text("2 verrous sont libérés.")).to_be_visible()
    assert not Booking.objects.live_locks(now()).exists()


def test_an_admin_marks_lapsed_locks(desktop, site) -> None:
    Booking.objects.filter(lock_code="A").update(expires_at=now() - datetime.timedelta(minutes=1))
    log_in(desktop, site, "admin")
    desktop.goto(f"{site}/manage/locks/")
    desktop.get_by_role("button", name="Les marquer maintenant").click()
    expect(desktop.get_by_text("1 verrou expiré est marqué.")).to_be_visible()


def test_definitions_are_made_bookable_and_taken_away(desktop, site, tmp_path) -> None:
    files: list[Path] = save(tmp_path, form(), workflow(booking_action()))
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/studio/")
    desktop.get_by_label("Exports de w.c.s.").set_input_files(files)
    desktop.get_by_role("button", name="Examiner").click()
    expect(desktop.get_by_text("WCS-B001")).to_be_visible()
    desktop.get_by_text("form-rdv.wcs", exact=False).locator("visible=true").last.scroll_into_view_if_needed()
    desktop.locator("summary", has_text="form-rdv.wcs").click()
    expect(desktop.locator(".lines .added mark").first).to_contain_text("lock_code")
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="Télécharger les fichiers réservables (.zip)").click()
    download.value.save_as(tmp_path / "result.zip")
    assert "wscall-preblocage_rdv.wcs" in zipfile.ZipFile(tmp_path / "result.zip").namelist()


def examine(page: Page, site: str, folder: Path) -> None:
    page.goto(f"{site}/manage/studio/")
    page.get_by_label("Exports de w.c.s.").set_input_files(save(folder, form(), workflow(booking_action())))
    page.get_by_role("button", name="Examiner").click()


def test_a_rehearsal_is_waited_for_and_read(desktop, site, tmp_path) -> None:
    log_in(desktop, site)
    examine(desktop, site, tmp_path)
    desktop.get_by_role("button", name="Répéter").click()
    expect(desktop.get_by_role("status")).to_contain_text("En attente de l'exécuteur de tâches")
    journey = {
        "journey": "citizen",
        "title": "Un usager réserve",
        "verdict": "failed",
        "steps": ["Le créneau est retenu"],
    }
    finding = {"severity": "error", "message": "La page ne passe pas.", "remedy": "Vérifiez sa condition."}
    notice = {"kind": "source", "where": "form-rdv.wcs:3", "message": "Liste vide", "name": ""}
    report = {"journeys": [{**journey, "findings": [finding], "notices": [notice]}]}
    asked = Rehearsal.objects.get()
    assert carry_out(asked.pk, lambda _raw, _language: Played(report, "<h1>Rapport</h1>"), now=now)
    # The page looks by itself whether it is done.
    expect(desktop.get_by_role("heading", name="Un usager réserve")).to_be_visible()
    expect(desktop.get_by_text("Vérifiez sa condition.")).to_be_visible()
    with desktop.expect_download() as download:
        desktop.get_by_role("link", name="Rapport complet").click()
    assert download.value.suggested_filename.endswith("-repetition.html")
    page = desktop.context.browser.new_context(
        bypass_csp=True, storage_state=desktop.context.storage_state()
    ).new_page()
    page.goto(desktop.url)
    faults = serious_faults(page)
    page.context.close()
    assert faults == []


def test_files_that_are_too_big_are_told_before_they_are_sent(desktop, site, tmp_path) -> None:
    big = tmp_path / "big.wcs"
    big.write_bytes(b" " * (9 * 1024 * 1024))
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/studio/")
    field = desktop.get_by_label("Exports de w.c.s.")
    field.set_input_files(big)
    assert field.evaluate("element => element.validationMessage") == "Ces fichiers sont trop gros."
    desktop.get_by_role("button", name="Examiner").click()
    expect(desktop.get_by_role("heading", name="Constats")).to_have_count(0)


def test_the_address_of_a_feed_is_made_and_read(desktop, site) -> None:
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/agendas/mairie/feed/")
    desktop.get_by_role("button", name="Créer une adresse").click()
    address = desktop.get_by_label("Donnez cette adresse à votre logiciel").input_value()
    answer = desktop.request.get(address)
    assert answer.status == 200
    assert "STATUS:TENTATIVE" in answer.text()
    desktop.get_by_role("button", name="Révoquer l'adresse").click()
    expect(desktop.get_by_text("L'adresse ne fonctionne plus.")).to_be_visible()
    assert desktop.request.get(address).status == 404


def test_on_paper_there_is_the_list_and_nothing_else(desktop, site) -> None:
    log_in(desktop, site)
    desktop.goto(f"{site}{addresses()['print']}")
    expect(desktop.get_by_role("button", name="Imprimer")).to_be_visible()
    desktop.emulate_media(media="print")
    expect(desktop.get_by_role("cell", name="Ada Lovelace")).to_be_visible()
    for hidden in (".main-navigation", "#footer", ".screen-only", "[data-print]", "#breadcrumb"):
        expect(desktop.locator(hidden)).to_be_hidden()
    assert desktop.pdf(format="A4").startswith(b"%PDF")


def test_every_page_fits_a_phone_and_a_zoom_of_two(phone, browser, site) -> None:
    log_in(phone, site)
    wide = []
    for name, path in addresses().items():
        phone.goto(f"{site}{path}")
        if phone.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(name)
    # A window of 1280 pixels at 200 % shows as much as one of 640.
    page = browser.new_context(locale="fr-FR", viewport={"width": 640, "height": 450}).new_page()
    log_in(page, site)
    for name, path in addresses().items():
        page.goto(f"{site}{path}")
        if page.evaluate("document.documentElement.scrollWidth") > 640:
            wide.append(f"{name} zoomed")
    page.context.close()
    assert wide == []


def test_a_phone_is_enough_to_find_and_cancel(phone, site) -> None:
    log_in(phone, site)
    phone.get_by_label("Trouver un rendez-vous").fill("hopper")
    phone.get_by_role("button", name="Rechercher").tap()
    phone.get_by_role("link", name=re.compile("Dossier de passeport")).tap()
    phone.get_by_role("link", name="Annuler le rendez-vous").tap()
    phone.get_by_role("button", name="Annuler le rendez-vous").tap()
    expect(phone.get_by_text("Le rendez-vous est annulé.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, pytest.param(360, marks=pytest.mark.thorough)])
def test_no_page_has_a_serious_fault_of_accessibility(browser, site, tmp_path, width) -> None:
    # The checker is a script of its own: our policy would refuse it.
    context = browser.new_context(locale="fr-FR", bypass_csp=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    faults: list[str] = []

    def check(name: str) -> None:
        faults.extend(serious_faults(page, name))

    log_in(page, site, "admin")
    for name, path in addresses().items():
        page.goto(f"{site}{path}")
        check(name)
    examine(page, site, tmp_path)
    for summary in page.locator("details.diff summary").all():
        summary.click()
    check("studio's result")
    page.goto(f"{site}/manage/locks/")
    page.get_by_label("Choisir le verrou").first.check()
    page.get_by_role("button", name="Libérer les verrous choisis…").click()
    check("releasing")
    page.goto(f"{site}/manage/agendas/mairie/feed/")
    page.get_by_role("button", name="Créer une adresse").click()
    check("feed's address")
    page.goto(f"{site}/manage/agendas/mairie/day/{DAY:%Y/%m/%d}/")
    check("day")
    context.close()
    assert faults == []

"""Setting an agenda up in a real browser: by mouse, by keyboard, on a phone, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache as django_cache
from playwright.sync_api import Browser, Locator, Page, expect

from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import cache
from adapter.agendas.services import SlotQuery, list_slots
from adapter.clock import now
from tests.agendas.builders import make_agenda, make_virtual
from tests.browser.accessibility import serious_faults
from tests.support.signed import known_services
from tests.support.wcs_double import FakeForm, WcsDouble

pytestmark = pytest.mark.servers
SOURCE = {"type": "json", "value": "https://x.example/?lock_code={% firstof form_submission_context_lock_code x %}"}
DAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")


@pytest.fixture
def wcs(settings) -> Iterator[WcsDouble]:
    django_cache.clear()
    field = {"type": "item", "label": "Créneau", "varname": "creneau", "data_source": SOURCE}
    with WcsDouble(FakeForm(title="Prendre rendez-vous", fields=[field])) as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


@pytest.fixture
def site(live_server, settings, wcs, transactional_db) -> str:
    """A running site with an administrator."""
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    get_user_model().objects.create_superuser("admin", "admin@example.org", "secret-word")
    return live_server.url


def field(scope: Page | Locator, label: str) -> Locator:
    """The input of that label; gadjo gives the label to the box around it too."""
    return scope.get_by_label(label).and_(scope.locator("input, select"))


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    field(page, "Nom d'utilisateur").fill("admin")
    field(page, "Mot de passe").fill("secret-word")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Agendas", level=2)).to_be_visible()


def free_slots(slug: str, meeting_type: str) -> int:
    return len(list_slots(slug, meeting_type, SlotQuery(), now=now()).offer.free)


def test_with_a_mouse_from_nothing_to_a_slot_that_can_be_booked(desktop, site, wcs) -> None:
    page = desktop
    log_in(page, site)
    page.get_by_role("link", name="Nouvel agenda").click()
    field(page, "Libellé").fill("Bibliothèque")
    page.get_by_role("button", name="Créer l'agenda").click()
    expect(page.get_by_role("tab", name="Types de rendez-vous")).to_have_attribute("aria-selected", "true")

    page.get_by_role("link", name="Ajouter un type de rendez-vous").click()
    pop_up = page.get_by_role("dialog")
    expect(pop_up).to_contain_text("Nouveau type de rendez-vous")
    field(pop_up, "Libellé").fill("Inscription")
    field(pop_up, "Durée").fill("30")
    pop_up.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Inscription 30 minutes")

    page.get_by_role("tab", name="Guichets").click()
    page.get_by_role("link", name="Ajouter un guichet").click()
    field(pop_up, "Libellé").fill("Accueil")
    pop_up.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("jamais ouvert")

    page.get_by_role("tab", name="Périodes d'ouverture").click()
    page.get_by_role("link", name="Ajouter des périodes d'ouverture").click()
    for day in DAYS:
        field(pop_up, day).check()
    field(pop_up, "Début").fill("09:00")
    field(pop_up, "Fin").fill("12:00")
    pop_up.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("table.week .times").first).to_have_text("09:00 – 12:00")
    assert free_slots("bibliotheque", "inscription") > 100

    page.get_by_role("tab", name="Prise de rendez-vous backoffice").click()
    field(page, "Activer la prise de rendez-vous backoffice").check()
    expect(page.locator("input[name=form_slug]")).to_have_attribute("aria-required", "true")
    page.locator("input[name=form_slug]").fill("Prendre rendez-vous")
    field(page, "Identifiant du champ créneau").fill("{{ form_var_creneau }}")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Résultat de la vérification")).to_be_focused()
    expect(page.get_by_role("tab", name="Prise de rendez-vous backoffice")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".diagnosis .fail")).to_have_count(0)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".messages")).to_contain_text("Enregistré")
    assert Agenda.objects.get().form_slug == "rendez-vous"

    page.get_by_role("link", name="Calendrier").click()
    page.get_by_role("link", name="Ajouter une réservation").click()
    expect(page.locator(".chosen")).to_contain_text("Inscription")


def reach(page: Page, target: Locator) -> None:
    """Press Tab until ``target`` has the focus."""
    for _ in range(80):
        if target.count() == 1 and target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def choose(page: Page, target: Locator) -> None:
    reach(page, target)
    page.keyboard.press("Enter")


def open_tab(page: Page, name: str) -> None:
    """Go to the tab list, and with arrows to a tab."""
    reach(page, page.locator("[role=tab][tabindex='0']"))
    tab = page.get_by_role("tab", name=name)
    for _ in range(12):
        if tab.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(tab).to_have_attribute("aria-selected", "true")


def test_with_the_keyboard_alone(desktop, site, wcs) -> None:
    page, keys = desktop, desktop.keyboard
    log_in(page, site)
    choose(page, page.get_by_role("link", name="Nouvel agenda"))
    reach(page, field(page, "Libellé"))
    keys.type("Bibliothèque")
    keys.press("Enter")
    expect(page.get_by_role("tab", name="Types de rendez-vous")).to_have_attribute("aria-selected", "true")

    choose(page, page.get_by_role("link", name="Ajouter un type de rendez-vous"))
    pop_up = page.get_by_role("dialog")
    expect(field(pop_up, "Libellé")).to_be_focused()
    keys.type("Inscription")
    reach(page, field(pop_up, "Durée"))
    keys.type("30")
    choose(page, pop_up.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_role("tabpanel")).to_contain_text("Inscription 30 minutes")

    open_tab(page, "Guichets")
    choose(page, page.get_by_role("link", name="Ajouter un guichet"))
    expect(field(pop_up, "Libellé")).to_be_focused()
    keys.type("Accueil")
    keys.press("Enter")
    expect(page.get_by_role("tabpanel")).to_contain_text("jamais ouvert")

    open_tab(page, "Périodes d'ouverture")
    choose(page, page.get_by_role("link", name="Ajouter des périodes d'ouverture"))
    expect(pop_up).to_be_visible()
    for day in DAYS:
        reach(page, field(pop_up, day))
        keys.press("Space")
    for label, digits in (("Début", "0900AM"), ("Fin", "1100AM")):
        reach(page, field(pop_up, label))
        keys.type(digits)
    choose(page, pop_up.get_by_role("button", name="Enregistrer"))
    expect(page.locator("table.week .times").first).to_have_text("09:00 – 11:00")
    assert free_slots("bibliotheque", "inscription") > 100


def test_a_pop_up_is_left_by_escape_and_a_refusal_is_a_page(desktop, site) -> None:
    make_agenda()
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/agendas/mairie/settings/#open:desks")
    desktop.get_by_role("link", name="Ajouter un guichet").click()
    expect(desktop.get_by_role("dialog")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.get_by_role("dialog")).to_have_count(0)
    desktop.get_by_role("link", name="Ajouter un guichet").click()
    field(desktop.get_by_role("dialog"), "Libellé").fill("X")
    field(desktop.get_by_role("dialog"), "Identifiant").fill("guichet-1")
    desktop.get_by_role("dialog").get_by_role("button", name="Enregistrer").click()
    expect(desktop.get_by_text("« Guichet 1 » a déjà cet identifiant.")).to_be_visible()
    expect(field(desktop, "Libellé")).to_have_value("X")


def test_a_link_opens_its_tab(desktop, site) -> None:
    make_agenda(desks=0)
    log_in(desktop, site)
    desktop.goto(f"{site}/manage/agendas/mairie/settings/#open:openings")
    expect(desktop.get_by_role("tabpanel")).to_have_count(1)
    expect(desktop.get_by_role("tabpanel")).to_contain_text("Ajoutez d'abord un guichet")
    desktop.get_by_role("tabpanel").get_by_role("link", name="Guichets").click()
    expect(desktop.get_by_role("tab", name="Guichets")).to_have_attribute("aria-selected", "true")
    expect(desktop.get_by_role("tab", name="Guichets")).to_be_focused()


def test_without_scripts_every_panel_is_there_and_forms_are_pages(browser: Browser, site) -> None:
    make_agenda()
    page = browser.new_context(locale="fr-FR", java_script_enabled=False).new_page()
    page.goto(f"{site}/login/")
    field(page, "Nom d'utilisateur").fill("admin")
    field(page, "Mot de passe").fill("secret-word")
    page.locator(".log-in button").click()
    page.goto(f"{site}/manage/agendas/mairie/settings/")
    expect(page.get_by_role("tabpanel")).to_have_count(10)
    expect(page.get_by_role("tab")).to_have_count(0)
    page.get_by_role("link", name="Ajouter un guichet").click()
    field(page, "Libellé").fill("Guichet 3")
    page.get_by_role("button", name="Enregistrer").click()
    assert page.url.endswith("#open:desks")
    expect(page.get_by_text("Le guichet est ajouté.")).to_be_visible()
    page.get_by_role("button", name="Monter Guichet 3").click()
    assert [desk.label for desk in Agenda.objects.get().desks.all()] == ["Guichet 1", "Guichet 3", "Guichet 2"]
    field(page, "Identifiant du champ créneau").fill("creneau")
    field(page, "Formulaire").fill("rendez-vous")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Résultat de la vérification")).to_be_visible()
    page.context.close()


PAGES = [
    "",
    "general/",
    "identifier/",
    "delays/",
    "permissions/",
    "reminders/",
    "duplicate/",
    "delete/",
    "meeting-types/add/",
    "desks/add/",
    "openings/add/",
    "openings/copy/",
    "exceptions/add/",
    "sources/add/ics_file/",
    "sources/add/ics_url/",
    "sources/add/holidays/",
]
ELSEWHERE = ["/manage/add-agenda/", "/manage/import-agendas/"]


@pytest.fixture
def full(site) -> str:
    """A site with a real agenda and a virtual one, with something in each tab."""
    role = Group.objects.create(name="Agents")
    mairie = make_agenda(view_role=role, edit_role=role)
    source = mairie.exception_sources.create(kind="holidays", label="Fériés", country="FR", last_error="x" * 200)
    source.desks.set(mairie.desks.all())
    virtual = make_virtual("toutes", mairie, make_agenda("annexe", types={"passeport": 25, "tres-long" * 8: 5}))
    virtual.excluded_periods.create(weekday=0, start_time="09:00", end_time="10:00")
    return site


def addresses(site: str) -> list[str]:
    settings = f"{site}/manage/agendas/mairie/settings/"
    virtual = f"{site}/manage/agendas/toutes/settings/"
    return [
        *(settings + path for path in PAGES),
        *(virtual + path for path in ("", "members/", "excluded-periods/add/", "delays/")),
        *(site + path for path in ELSEWHERE),
    ]


def each_tab(page: Page) -> Iterator[str]:
    """Open every tab in turn, or nothing on a page without tabs."""
    tabs = page.get_by_role("tab").all()
    for tab in tabs:
        tab.click()
        yield str(tab.text_content())
    if not tabs:
        yield ""


def test_no_page_of_the_settings_has_a_serious_fault_of_accessibility(browser: Browser, full) -> None:
    page = browser.new_context(locale="fr-FR", bypass_csp=True).new_page()
    faults: list[str] = []

    def check(where: str) -> None:
        faults.extend(serious_faults(page, where))

    log_in(page, full)
    for address in addresses(full):
        page.goto(address)
        for tab in each_tab(page):
            check(f"{address.removeprefix(full)} {tab}")
    page.goto(f"{full}/manage/agendas/mairie/settings/#open:desks")
    page.reload()
    page.get_by_role("link", name="Ajouter un guichet").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check("pop-up")
    page.get_by_role("dialog").get_by_role("button", name="Annuler").click()
    page.goto(f"{full}/manage/agendas/mairie/settings/#open:backoffice-booking")
    page.reload()
    field(page, "Identifiant du champ créneau").fill("creneau")
    page.locator("input[name=form_slug]").fill("autre")
    page.get_by_role("button", name="Vérifier").click()
    check("check")
    page.context.close()
    assert faults == []


def test_every_page_fits_on_a_phone_and_at_twice_the_size(phone, desktop, full) -> None:
    too_wide = []
    desktop.set_viewport_size({"width": 640, "height": 450})
    for page, width in ((phone, 360), (desktop, 640)):
        log_in(page, full)
        for address in addresses(full):
            page.goto(address)
            for tab in each_tab(page):
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    too_wide.append((width, address.removeprefix(full), tab))
    assert too_wide == []


def test_pop_ups_fit_on_a_phone(phone, full) -> None:
    log_in(phone, full)
    phone.goto(f"{full}/manage/agendas/mairie/settings/#open:openings")
    phone.get_by_role("link", name="Ajouter des périodes d'ouverture").tap()
    box = phone.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    # The way back to the top of the page would lie over its fields.
    expect(phone.locator(".gadjo-back-to-top")).to_be_hidden()
    phone.get_by_role("dialog").get_by_role("button", name="Annuler").tap()
    expect(phone.locator(".gadjo-back-to-top")).to_be_visible()


def test_a_box_to_tick_stands_before_its_words_and_help_below_them(desktop, full) -> None:
    log_in(desktop, full)
    desktop.goto(f"{full}/manage/agendas/mairie/settings/desks/{Agenda.objects.get(slug='mairie').desks.all()[0].pk}/")
    box, label, help_text = (
        desktop.locator(place).bounding_box() or {} for place in ("#id_enabled", "#id_enabled_title", ".hint >> nth=-1")
    )
    assert box["x"] + box["width"] <= label["x"]
    assert abs(box["y"] - label["y"]) < label["height"]
    assert (help_text["x"], help_text["y"] >= label["y"] + label["height"]) == (label["x"], True)

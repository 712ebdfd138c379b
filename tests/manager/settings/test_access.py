"""Pages of the settings and agendas that are others'; who may open which is in ``tests/security/permissions.py``."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from adapter.agendas.models import Agenda, AuditEvent, Closure, ExceptionSource, ExcludedPeriod
from adapter.agendas.services.transfer import export_agendas
from adapter.manager.settings.urls import one, urlpatterns
from tests.agendas.builders import NOW, close

NAMES = sorted(str(pattern.name) for pattern in [*one, *urlpatterns] if getattr(pattern, "name", None))


@pytest.fixture
def rows(mairie, toutes) -> dict[str, int]:
    """A row for each kind of address that names one."""
    desk = mairie.desks.all()[0]
    source = ExceptionSource.objects.create(agenda=mairie, kind="holidays", label="Fériés", country="FR")
    source.desks.add(desk)
    excluded = ExcludedPeriod.objects.create(
        agenda=toutes, weekday=0, start_time=datetime.time(9), end_time=datetime.time(10)
    )
    return {
        "type": mairie.meeting_types.all()[0].pk,
        "desk": desk.pk,
        "opening": desk.openings.all()[0].pk,
        "excluded": excluded.pk,
        "closure": close(mairie, NOW, NOW + datetime.timedelta(hours=1)).pk,
        "source": source.pk,
    }


def address(name: str, rows: dict[str, int]) -> str:
    if name == "manager-agendas-import-plan":
        return reverse(name, args=["token"])
    if name.startswith(("manager-agenda-", "manager-agendas-")):
        return reverse(name)
    subject = name.removeprefix("manager-settings").lstrip("-").split("-")[0]
    agenda = "toutes" if subject in ("excluded", "members") else "mairie"
    if name == "manager-settings-source-add":
        return reverse(name, args=[agenda, "holidays"])
    if subject in rows and not name.endswith(("-add", "-copy")):
        return reverse(name, args=[agenda, rows[subject]])
    return reverse(name, args=[agenda])


def test_the_right_to_edit_another_agenda_opens_nothing_here(log_in, rows) -> None:
    Agenda.objects.create(slug="autre", label="Autre", edit_role=Group.objects.create(name="régler autre"))
    client = log_in("x", "voir", "régler autre")
    before = export_agendas()
    for name in NAMES:
        url = address(name, rows)
        assert client.get(url).status_code in (403, 405), name
        assert client.post(url, {"label": "Pirate", "to": "down"}).status_code == 403, name
    assert export_agendas() == before
    assert not AuditEvent.objects.exists()


def test_rows_of_another_agenda_are_not_found(rows, admin) -> None:
    Agenda.objects.create(slug="autre", label="Autre")
    tried = 0
    for name in NAMES:
        url = address(name, rows)
        if any(character.isdigit() for character in url):
            url = url.replace("/mairie/", "/autre/").replace("/toutes/", "/autre/")
            assert admin.post(url, {"to": "up"}).status_code == 404, name
            tried += 1
    assert tried == 15
    assert Closure.objects.count() == 1


def test_an_unknown_agenda_is_404(admin) -> None:
    assert admin.get("/manage/agendas/inconnu/settings/").status_code == 404


@pytest.mark.parametrize(
    ("agenda", "path"),
    [
        ("toutes", "openings/add/"),
        ("toutes", "openings/copy/"),
        ("toutes", "exceptions/add/"),
        ("toutes", "reminders/"),
        ("toutes", "sources/add/holidays/"),
        ("mairie", "excluded-periods/add/"),
        ("mairie", "sources/add/nonsense/"),
    ],
)
def test_pages_of_the_other_kind_of_agenda_are_not_there(toutes, admin, agenda, path) -> None:
    assert admin.get(f"/manage/agendas/{agenda}/settings/{path}").status_code == 404


@pytest.mark.parametrize(("roles", "shown"), [(["voir"], False), (["régler"], True)])
def test_the_calendar_leads_to_the_settings_for_who_may_edit(mairie, log_in, roles, shown) -> None:
    content = log_in("x", *roles).get("/manage/agendas/mairie/day/2026/11/24/").content.decode()
    assert ("/manage/agendas/mairie/settings/" in content) == shown


@pytest.mark.parametrize("is_admin", [True, False])
def test_the_first_page_lets_administrators_make_agendas(mairie, log_in, is_admin) -> None:
    content = log_in("x", "voir", admin=is_admin).get("/manage/").content.decode()
    assert ("/manage/add-agenda/" in content) == is_admin

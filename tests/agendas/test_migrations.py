"""Migrations that an older version can live with: it goes on writing while the new one is being started."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from adapter.agendas.models import Agenda, Booking
from adapter.agendas.models.agenda import new_version
from adapter.agendas.services import BookingRequest, confirm
from tests.agendas.builders import ALICE, NOW, make_agenda

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

# What version 0.1.0 wrote, before there were reminders and retention.
COLUMNS = (
    "slug",
    "label",
    "kind",
    "backoffice_booking_enabled",
    "form_slug",
    "slot_field",
    "meeting_type_field",
    "agenda_field",
    "config_version",
)


def test_an_older_version_can_still_make_agendas() -> None:
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO agendas_agenda ({names}) VALUES ({', '.join(['%s'] * len(COLUMNS))})",
            ["mairie", "Mairie", "meetings", False, "", "", "", "", new_version()],
        )
    agenda = Agenda.objects.get()
    assert (agenda.reminder_hours, agenda.reminder_subject, agenda.reminder_body) == (None, "", "")
    assert (agenda.anonymize_after_days, agenda.purge_after_days) == (None, None)


def test_a_booking_that_an_older_version_moved_learns_what_took_its_place() -> None:
    make_agenda()
    first = confirm(BookingRequest("mairie", ("passeport:2026-11-24-0900",)), now=NOW, actor=ALICE).booking
    request = BookingRequest("mairie", ("passeport:2026-11-24-0920",), cancel_booking_id=first.pk)
    second = confirm(request, now=NOW, actor=ALICE).booking
    Booking.objects.update(moved_to=None)
    migration = import_module("adapter.agendas.migrations.0013_moves_made_before")
    migration.remember_moves(apps, connection.schema_editor())
    assert dict(Booking.objects.values_list("pk", "moved_to")) == {first.pk: second.pk, second.pk: None}

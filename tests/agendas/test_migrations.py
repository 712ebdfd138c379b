"""Migrations that an older version can live with: it goes on writing while the new one is being started."""

from __future__ import annotations

import pytest
from django.db import connection

from adapter.agendas.models import Agenda
from adapter.agendas.models.agenda import new_version

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

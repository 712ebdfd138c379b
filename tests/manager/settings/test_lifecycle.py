"""Reminders and retention in the settings."""

from __future__ import annotations

import pytest

from adapter.agendas.models import Agenda
from adapter.agendas.reminder_texts import DEFAULT_SUBJECT, FIELDS
from tests.manager.settings.test_forms import SETTINGS, saved, texts

pytestmark = pytest.mark.both_databases

DATA = {
    "reminder_hours": "48",
    "reminder_subject": "Votre rendez-vous du {{ date }}",
    "reminder_body": "Bonjour {{ name }},\r\nà {{ time }}. {{ link }}",
    "anonymize_after_days": "30",
    "purge_after_days": "365",
}


def test_hours_texts_and_days_are_kept_and_the_message_is_shown(editor, mairie) -> None:
    assert "message-preview" not in editor.get(SETTINGS).content.decode()
    saved(editor, "reminders/", DATA, "reminders")
    agenda = Agenda.objects.get(slug="mairie")
    assert (agenda.reminder_hours, agenda.anonymize_after_days, agenda.purge_after_days) == (48, 30, 365)
    assert agenda.reminder_body == "Bonjour {{ name }},\nà {{ time }}. {{ link }}"
    answer = editor.get(SETTINGS)
    page = texts(answer)
    for fact in (
        "48 heures",
        "30 jours",
        "365 jours",
        "Votre rendez-vous du mercredi 25 novembre 2026",
        "Bonjour Camille",
    ):
        assert fact in page
    assert "message-preview" in answer.content.decode()
    assert "– → 48" in page  # in the history
    # Emptied again: off, with the usual texts.
    saved(editor, "reminders/", {}, "reminders")
    agenda = Agenda.objects.get(slug="mairie")
    assert (agenda.reminder_hours, agenda.reminder_subject, agenda.purge_after_days) == (None, "", None)


def test_the_form_says_what_may_stand_in_the_texts(editor, mairie) -> None:
    page = texts(editor.get(f"{SETTINGS}reminders/"))
    assert [name for name in FIELDS if f"{{{{ {name} }}}}" not in page] == []
    # To copy and change.
    assert str(DEFAULT_SUBJECT) in page


def test_a_virtual_agenda_has_none_of_its_own(admin, toutes) -> None:
    assert admin.get("/manage/agendas/toutes/settings/reminders/").status_code == 404
    assert "panel-reminders" not in admin.get("/manage/agendas/toutes/settings/").content.decode()
    assert "panel-reminders" in admin.get(SETTINGS).content.decode()

"""Reminders and retention in the settings."""

from __future__ import annotations

import pytest

from adapter.agendas.models import Agenda
from tests.manager.settings.test_forms import SETTINGS, refused, saved, texts
from workflows.typography import spaced

pytestmark = pytest.mark.both_databases

DATA = {
    "reminder_hours": "48",
    "reminder_subject": "Votre rendez-vous du {{ date }}",
    "reminder_body": "Bonjour {{ name }},\r\nà {{ time }}. {{ link }}",
    "anonymize_after_days": "30",
    "purge_after_days": "365",
}


def test_hours_texts_and_days_are_kept_and_the_message_is_shown(editor, mairie) -> None:
    page = texts(editor.get(SETTINGS))
    assert "Rappels et conservation" in page and "Bonjour Camille" not in page
    saved(editor, "reminders/", DATA, "reminders")
    agenda = Agenda.objects.get(slug="mairie")
    assert (agenda.reminder_hours, agenda.anonymize_after_days, agenda.purge_after_days) == (48, 30, 365)
    assert agenda.reminder_body == "Bonjour {{ name }},\nà {{ time }}. {{ link }}"
    page = texts(editor.get(SETTINGS))
    for words in (
        "48 heures avant le rendez-vous",
        "30 jours après le rendez-vous",
        "Votre rendez-vous du mercredi 25 novembre 2026",
        "Bonjour Camille Martin",
        spaced("Rappel par courriel, en heures avant le rendez-vous : – → 48"),
    ):
        assert words in page
    # Emptied again: off, with the usual texts.
    saved(editor, "reminders/", {}, "reminders")
    agenda = Agenda.objects.get(slug="mairie")
    assert (agenda.reminder_hours, agenda.reminder_subject, agenda.purge_after_days) == (None, "", None)


def test_the_form_says_what_may_stand_in_the_texts(editor, mairie) -> None:
    page = texts(editor.get(f"{SETTINGS}reminders/"))
    assert "{{ meeting_type }}" in page and "libellé du guichet" in page
    # To copy and change.
    assert "Vous avez rendez-vous le {{ date }}" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reminder_hours": "0"}, "supérieure ou égale à 1"),
        ({"reminder_body": "{{ nom }}"}, spaced("« nom » ne peut pas être utilisé ici")),
        ({"reminder_subject": "{% if %}"}, spaced("« {% » est de trop")),
        ({"purge_after_days": "29"}, "donnez un nombre de jours plus grand"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(editor, mairie, change, words) -> None:
    refused(editor, "reminders/", {**DATA, **change}, words)


def test_a_virtual_agenda_has_none_of_its_own(admin, toutes) -> None:
    assert admin.get("/manage/agendas/toutes/settings/reminders/").status_code == 404
    assert "Rappels et conservation" not in texts(admin.get("/manage/agendas/toutes/settings/"))

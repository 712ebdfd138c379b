"""Reminders over real SMTP."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from adapter.agendas.services.reminder_messages import ReminderMessage
from adapter.agendas.services.reminders import ReminderRefused
from tasks.mailing import mail_sender
from tests.support.servers import free_port
from tests.support.smtp_double import SmtpDouble

pytestmark = pytest.mark.servers


def message(*to: str) -> ReminderMessage:
    return ReminderMessage(to or ("zoe@example.org",), "Rappel : été", "Bonjour,\n\nÀ demain.\n", "<reminder-1@test>")


@pytest.fixture
def mail(settings) -> Iterator[SmtpDouble]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "agendas@example.org"
    with SmtpDouble() as double:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(double.url.rpartition(":")[2])
        yield double


def test_a_message_arrives_as_it_was_written(mail) -> None:
    with mail_sender() as send:
        send(message("zoe@example.org", "autre@example.org"))
        send(message())
    first, second = mail.messages
    assert (first["Subject"], first["To"], first["From"]) == ("Rappel : été", "zoe@example.org", "agendas@example.org")
    assert first["Message-ID"] == second["Message-ID"] == "<reminder-1@test>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content().replace("\r\n", "\n").strip() == "Bonjour,\n\nÀ demain."
    # Whoever is named besides is not shown to the first one.
    assert mail.recipients == [["zoe@example.org", "autre@example.org"], ["zoe@example.org"]]
    assert "autre@example.org" not in first.as_string()


def test_an_address_that_does_not_exist_is_refused_for_good_and_the_next_message_leaves(mail) -> None:
    mail.refused = {"parti@example.org"}
    with mail_sender() as send:
        with pytest.raises(ReminderRefused):
            send(message("parti@example.org"))
        send(message())
    assert len(mail.messages) == 1


def test_a_server_that_is_down_raises_and_is_found_again(mail, settings) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    with mail_sender() as send, pytest.raises((smtplib.SMTPException, OSError)):
        send(message())
    settings.EMAIL_PORT = port
    with mail_sender() as send:
        send(message())
    assert len(mail.messages) == 1

"""One e-mail: what reminders ask, in the words of Django's mail backends."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.mail import EmailMessage, get_connection

from adapter.agendas.services.reminder_messages import ReminderMessage
from adapter.agendas.services.reminders import ReminderRefused, Send

# Answers of a mail server that no later attempt will change begin with 5 (RFC 5321 §4.2.1).
PERMANENT = 500


@contextmanager
def mail_sender() -> Iterator[Send]:
    """A function that sends a message; all messages of the block go through one connection, made with the first."""
    connection = get_connection()

    def send(message: ReminderMessage) -> None:
        first, *others = message.recipients
        email = EmailMessage(
            subject=message.subject,
            body=message.body,
            to=[first],
            bcc=others,
            headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
            connection=connection,
        )
        try:
            connection.open()
            email.send()
        except smtplib.SMTPRecipientsRefused as refusal:
            if all(code >= PERMANENT for code, _text in refusal.recipients.values()):
                raise ReminderRefused("the mail server refuses the address") from None
            raise
        except (smtplib.SMTPException, OSError):
            # The next message begins with a connection of its own.
            connection.close()
            raise

    try:
        yield send
    finally:
        connection.close()

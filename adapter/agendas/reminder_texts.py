"""Texts of reminders: what admins may write in them, and the usual ones.

A text holds ``{{ NAME }}`` for each of :data:`FIELDS`, as in the templates of w.c.s., and nothing else of that
language: no tag, no filter. Whatever else is in double braces is refused when the text is saved, not when it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: What may stand in a text, and what it is.
FIELDS: dict[str, Promise] = {
    "name": _("name of the person"),
    "label": _("label of the appointment"),
    "agenda": _("label of the agenda"),
    "desk": _("label of the desk"),
    "meeting_type": _("label of the meeting type"),
    "date": _("day of the appointment"),
    "time": _("hour of the appointment"),
    "link": _("address of the request, to move or cancel the appointment"),
}
FIELD = re.compile(r"\{\{([^{}]*+)\}\}")
MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")

DEFAULT_SUBJECT = _("Reminder: your appointment on {{ date }} at {{ time }}")
DEFAULT_BODY = _(
    "Hello,\n"
    "\n"
    "You have an appointment on {{ date }} at {{ time }}: {{ meeting_type }}, {{ agenda }} ({{ desk }}).\n"
    "\n"
    "To move or cancel it: {{ link }}\n"
)
#: The same without its last sentence, for an appointment whose request has no address.
DEFAULT_BODY_WITHOUT_LINK = _(
    "Hello,\n\nYou have an appointment on {{ date }} at {{ time }}: {{ meeting_type }}, {{ agenda }} ({{ desk }}).\n"
)


def validate_reminder_text(text: str) -> None:
    """Raise ``ValidationError`` that names what cannot stand in ``text``, and what can."""
    known = ", ".join(FIELDS)
    for name in map(str.strip, FIELD.findall(text)):
        if name not in FIELDS:
            raise ValidationError(
                _("“%(name)s” cannot be used here. Use one of: %(known)s."),
                code="unknown_field",
                params={"name": name, "known": known},
            )
    rest = MARKS.search(FIELD.sub("", text))
    if rest:
        raise ValidationError(
            _("“%(marks)s” is left over. Write {{ date }}, with one of these names: %(known)s."),
            code="left_over",
            params={"marks": rest.group(), "known": known},
        )
    if "\x00" in text:
        raise ValidationError(_("Null characters are not allowed."), code="null_characters_not_allowed")


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """``text`` with each field replaced, once: what stands in a value is never read as a field."""
    return FIELD.sub(lambda found: values.get(found.group(1).strip(), ""), text)

"""Tags and filters of the pages beside the calendar."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from adapter.agendas.models import Booking
from adapter.manager import history, words
from adapter.manager.access import access_of
from workflows.typography import spaced

register = template.Library()
register.filter("spaced", spaced)
CODE = re.compile(r"`([^`]+)`")


@register.inclusion_tag("manager/parts/navigation.html", takes_context=True)
def main_navigation(context: dict[str, Any]) -> dict[str, Any]:
    """The main places, for the agent who is logged in."""
    request = context["request"]
    # The page of a lock has the address of a booking: that is what it may become.
    path = reverse("manager-locks") if context.get("is_lock") else request.path
    access = access_of(request)
    return {
        "path": path,
        "below": path != request.path,
        "edits": access.edits_something(),
        "administers": access.everything,
    }


@register.inclusion_tag("manager/parts/field.html")
def field(bound: Any, hint: str = "") -> dict[str, Any]:
    """A field of a search with its label and what is wrong with it."""
    return {"field": bound, "hint": hint}


@register.filter
def with_code(text: str) -> SafeString:
    """A sentence of the checker or of a rehearsal: spaced, with what stands between backticks as code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", escape(spaced(text))))  # escaped just before  # noqa: S308


@register.filter
def booking_state(booking: Booking) -> str:
    """State of a booking in words."""
    return words.booking_state(booking)


@register.filter
def reason_words(because: str) -> str:
    """Why a lock or booking ended."""
    return history.reason_in_words(because)


@register.filter
def person(booking: Booking) -> str:
    """Whose appointment it is; empty when nobody is named."""
    name = f"{booking.user_first_name} {booking.user_last_name}".strip()
    return name or booking.user_name or booking.user_display_label


@register.filter
def outcome_words(outcome: str) -> str:
    """What became of a lock."""
    return words.lock_outcome(outcome)

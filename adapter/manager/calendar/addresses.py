"""Addresses of the calendar's pages."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode


def with_query(path: str, **values: str) -> str:
    """``path`` with those of ``values`` that are not empty as its query."""
    given = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def book_url(agenda: str, /, *, back: str, **values: str) -> str:
    """Where an appointment is added to ``agenda``; ``values`` are what is chosen already, ``back`` the page left."""
    return with_query(reverse("manager-agenda-book", args=[agenda]), **values, back=back)

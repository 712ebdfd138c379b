"""Addresses of the calendar's pages."""

from __future__ import annotations

from django.utils.http import urlencode


def with_query(path: str, **values: str) -> str:
    """``path`` with those of ``values`` that are not empty as its query."""
    given = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(given)}" if given else path

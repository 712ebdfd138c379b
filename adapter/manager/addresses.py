"""Addresses of the settings' pages: one place that knows their tabs."""

from __future__ import annotations

from enum import StrEnum

from django.urls import reverse


class Tab(StrEnum):
    """Tabs of an agenda's settings."""

    DELAYS = "delays"
    MEETING_TYPES = "meeting-types"
    OPENINGS = "openings"
    EXCEPTIONS = "exceptions"
    EXCLUDED = "excluded-periods"
    MEMBERS = "members"
    BACKOFFICE_BOOKING = "backoffice-booking"


def settings_path(slug: str, tab: Tab) -> str:
    """The address of a tab."""
    return f"{reverse('manager-settings', args=[slug])}#open:{tab}"

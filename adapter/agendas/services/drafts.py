"""The drafts that were made for locks."""

from __future__ import annotations

from adapter.agendas.models import HeldDraft


def remember_draft(booking_id: int, api_url: str, backoffice_url: str) -> None:
    """Keep where the draft of a lock is, so that it can be found when the lock lapses. One write; no audit: it changes
    neither the lock nor what stands on its desk.
    """
    HeldDraft.objects.update_or_create(
        booking_id=booking_id, defaults={"api_url": api_url[:500], "backoffice_url": backoffice_url[:500]}
    )

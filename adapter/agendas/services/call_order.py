"""Calls about one record in the order in which w.c.s. sent them: one that comes late must not undo what followed it.

w.c.s. gives up on a call after 28 seconds, and the call may still be carried out afterwards. Each is dated by its
signature; those of one record come from one clock.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable

from adapter.agendas.errors import Superseded
from adapter.agendas.queries.statements import fetch, moments

LATER_BOOKING = "SELECT 1 FROM agendas_booking WHERE record <> '' AND record = %s AND asked_at > %s"
LATER = f"""
{LATER_BOOKING}
UNION ALL SELECT 1 FROM agendas_recordcancellation WHERE record = %s AND asked_at > %s"""
# One statement, so that of two at once the later one stays.
NOTE = f"""
INSERT INTO agendas_recordcancellation (record, asked_at, noted_at)
SELECT %s, %s, %s WHERE NOT EXISTS ({LATER_BOOKING})
ON CONFLICT (record) DO UPDATE SET asked_at = excluded.asked_at, noted_at = excluded.noted_at
WHERE agendas_recordcancellation.asked_at <= excluded.asked_at RETURNING record"""


def note_cancellation(records: Iterable[str], asked_at: datetime.datetime | None, *, now: datetime.datetime) -> None:
    """Remember that w.c.s. asked to cancel for these records; bookings that it asked for earlier are refused from now
    on. Raises :class:`Superseded` when it asked for something later."""
    if asked_at is None:
        return
    asked, noted = moments(asked_at, now)
    for record in records:
        if record and not fetch(NOTE, [_fingerprint(record), asked, noted, record, asked]):
            raise Superseded


def check_order(record: str, asked_at: datetime.datetime | None) -> None:
    """Raise :class:`Superseded` when w.c.s. asked for something later for that record, and it was carried out."""
    if record and asked_at is not None:
        [moment] = moments(asked_at)
        if fetch(LATER, [record, moment, _fingerprint(record), moment]):
            raise Superseded


def _fingerprint(record: str) -> str:
    return hashlib.sha256(record.encode()).hexdigest()

"""Rules about lock codes and how long a lock may last."""

from __future__ import annotations

import datetime

from django.conf import settings

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Booking

LOCK_CODE_MAX_LENGTH = 256


def clean_lock_code(lock_code: str) -> str:
    """The code without surrounding white space; empty means: no lock. Raises :class:`InvalidPayload`."""
    code = lock_code.strip()
    if len(code) > LOCK_CODE_MAX_LENGTH:
        raise InvalidPayload({"lock_code": [f"Ensure this field has no more than {LOCK_CODE_MAX_LENGTH} characters."]})
    return code


def bounded_duration(asked: int | None, agenda_duration: int | None) -> int:
    """Seconds that a lock lasts: what was asked, else the agenda's own, else the setting; always within bounds."""
    seconds = asked if asked is not None else agenda_duration if agenda_duration is not None else settings.LOCK_DURATION
    return min(max(seconds, settings.LOCK_DURATION_MIN), settings.LOCK_DURATION_MAX)


def longest_end(lock: Booking) -> datetime.datetime:
    """The instant past which no renewal and no repeat can carry ``lock``."""
    seconds = (lock.lock_duration or settings.LOCK_DURATION) * (settings.LOCK_RENEWALS_MAX + 1)
    return lock.created_at + datetime.timedelta(seconds=seconds)

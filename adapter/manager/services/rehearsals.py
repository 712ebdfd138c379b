"""Rehearsals asked for in the studio: kept for their session until they are played, and shortly after."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Callable

import structlog
from django.contrib.auth.models import User

from adapter.agendas.services.guard import exclusive
from adapter.manager.models import Rehearsal
from adapter.manager.studio.playing import NotPlayed, Played

logger = structlog.get_logger("adapter.studio")

KEPT_FOR = datetime.timedelta(hours=2)
# Longer than one may take: its worker died.
GIVEN_UP_AFTER = datetime.timedelta(minutes=6)
MOST_WAITING = 5
Play = Callable[[bytes, str], Played]


class TooMany(Exception):
    """Others wait already: try again in a few minutes."""


def start(
    user: User, session_key: str, form: str, definitions: bytes, language: str, *, now: datetime.datetime
) -> Rehearsal:
    """Ask for a rehearsal; the session's one before is forgotten. Raises :class:`TooMany`. Queue it when committed."""
    forget_old(now=now)
    with exclusive():
        own = Rehearsal.objects.filter(user=user, session=_digest(session_key))
        own.exclude(state=Rehearsal.State.RUNNING).delete()
        busy = Rehearsal.objects.filter(state__in=[Rehearsal.State.WAITING, Rehearsal.State.RUNNING])
        if busy.count() >= MOST_WAITING:
            raise TooMany
        return Rehearsal.objects.create(
            user=user,
            session=_digest(session_key),
            form=form[:250],
            definitions=definitions,
            language=language,
            created_at=now,
        )


def find(user: User, session_key: str, rehearsal_id: uuid.UUID) -> Rehearsal | None:
    """The rehearsal of that number, for the session that asked for it and nobody else."""
    rows = Rehearsal.objects.filter(pk=rehearsal_id, user=user, session=_digest(session_key))
    return rows.defer("definitions").first()


def carry_out(rehearsal_id: uuid.UUID, play: Play, *, now: Callable[[], datetime.datetime]) -> bool:
    """Play a rehearsal that waits, whatever comes of it; ``False`` when another worker has it, or it is gone."""
    mine = Rehearsal.objects.filter(pk=rehearsal_id, state=Rehearsal.State.WAITING)
    if not mine.update(state=Rehearsal.State.RUNNING, started_at=now()):
        return False
    rehearsal = Rehearsal.objects.get(pk=rehearsal_id)
    try:
        played = play(bytes(rehearsal.definitions), rehearsal.language)
    except NotPlayed as failure:
        logger.info("rehearsal_not_played", code=failure.code)
        _end(rehearsal_id, now(), state=Rehearsal.State.FAILED, problem=failure.code, report={"detail": failure.detail})
    except BaseException:
        _end(rehearsal_id, now(), state=Rehearsal.State.FAILED, problem="broken")
        raise
    else:
        _end(rehearsal_id, now(), state=Rehearsal.State.DONE, report=played.report, page=played.page)
    return True


def give_up(rehearsal_id: uuid.UUID, problem: str, *, now: datetime.datetime) -> None:
    """It will not be played: ``problem`` is the code of why."""
    _end(rehearsal_id, now, state=Rehearsal.State.FAILED, problem=problem)


def forget_old(*, now: datetime.datetime) -> int:
    """Delete what was asked for long ago, and give up what a worker that died left behind; returns how many went."""
    Rehearsal.objects.filter(state=Rehearsal.State.RUNNING, started_at__lt=now - GIVEN_UP_AFTER).update(
        state=Rehearsal.State.FAILED, problem="broken", definitions=b"", finished_at=now
    )
    return Rehearsal.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _end(rehearsal_id: uuid.UUID, now: datetime.datetime, **values: object) -> None:
    Rehearsal.objects.filter(pk=rehearsal_id).update(definitions=b"", finished_at=now, **values)


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()

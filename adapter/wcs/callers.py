"""When known services last called us, and were refused: what tells that their half of the signatures works."""

from __future__ import annotations

import datetime
import time
from urllib.parse import parse_qsl

import structlog
from django.db import DatabaseError, transaction

from adapter.wcs.models import Caller

logger = structlog.get_logger("adapter.wcs")

# Seconds between two notes of one process about one caller: calls are many, one a minute is enough to know.
NOTE_EVERY = 60.0
_noted: dict[tuple[str, bool], float] = {}
# Of known services only, hence few.
_refused: dict[str, dict[str, object]] = {}


def note_accepted(orig: str, *, now: datetime.datetime) -> None:
    """Remember that ``orig`` called us with a good signature; never fails, and mostly does nothing."""
    _note(orig, refused=False, values={"accepted_at": now})


def note_refused(orig: str, reason: str, *, now: datetime.datetime) -> None:
    """Remember that a call in the name of ``orig``, a known service, was refused.

    Written when the call is answered (:func:`write_refused`): the time of the answer would tell which names are known.
    """
    _refused[orig] = {"refused_at": now, "refusal": reason[:200]}


def write_refused(**_: object) -> None:
    """Write what :func:`note_refused` remembered; never fails, and mostly does nothing."""
    while _refused:
        orig, values = _refused.popitem()
        _note(orig, refused=True, values=values)


def claimed_orig(raw_query: str) -> str:
    """In whose name a call was made, right or wrong; empty when it does not say."""
    try:
        return dict(parse_qsl(raw_query, max_num_fields=100)).get("orig", "")
    except ValueError:
        return ""


def caller(orig: str) -> Caller | None:
    """What was noted about ``orig``, a minute old at the most; ``None`` when it never called."""
    return Caller.objects.filter(pk=orig).first()


def _note(orig: str, *, refused: bool, values: dict[str, object]) -> None:
    moment = time.monotonic()
    if moment - _noted.get((orig, refused), -NOTE_EVERY) < NOTE_EVERY:
        return
    _noted[orig, refused] = moment
    try:
        with transaction.atomic():
            Caller.objects.bulk_create(
                [Caller(orig=orig, **values)], update_conflicts=True, unique_fields=["orig"], update_fields=list(values)
            )
    except DatabaseError as error:
        logger.warning("caller_not_noted", error=type(error).__name__)

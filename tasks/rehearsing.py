"""Playing definitions that were dropped in the studio."""

from __future__ import annotations

import uuid

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError

from adapter.clock import now
from adapter.manager.services.rehearsals import carry_out, forget_old
from adapter.manager.studio.playing import play_definitions
from tasks import nudging
from tasks.recording import recorded

logger = structlog.get_logger("adapter.tasks")
EXPECTED = (DatabaseError, SoftTimeLimitExceeded)
# Seconds. Who asked is no longer waiting after that.
EXPIRES = 900


@shared_task(throws=EXPECTED)
def rehearse(rehearsal_id: str) -> None:
    """Play one; a second delivery of the message finds it taken."""
    with recorded("rehearse") as handled:
        handled(int(carry_out(uuid.UUID(rehearsal_id), play_definitions, now=now)))


@shared_task(throws=EXPECTED)
def forget_rehearsals() -> None:
    """Delete those that nobody looks at any more."""
    with recorded("forget_rehearsals") as handled:
        handled(forget_old(now=now()))


def queue_rehearsal(rehearsal_id: uuid.UUID) -> bool:
    """Queue one without making the web request wait; ``False`` when the broker does not answer."""
    try:
        nudging.publish(rehearse, (str(rehearsal_id),), expires=EXPIRES)
    except Exception as error:  # whatever a broker's library may raise
        logger.warning("broker_unavailable", error=type(error).__name__)
        return False
    return True

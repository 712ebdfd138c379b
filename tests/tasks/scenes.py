"""What workers find: a lapsed lock, a call that is owed, settings for a w.c.s."""

from __future__ import annotations

import datetime
import json

from adapter.agendas.models import Booking, Callback
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.clock import now
from tasks.models import TaskRun
from tests.agendas.builders import ALICE
from tests.support.signed import KEY
from tests.support.wcs_double import CALLER, WcsDouble

HOUR = datetime.timedelta(hours=1)


def services(wcs: WcsDouble) -> str:
    """``KNOWN_SERVICES`` for a worker."""
    service = {"title": "w.c.s.", "url": wcs.url, "orig": CALLER, "secret": KEY, "verif_orig": "wcs.test"}
    return json.dumps({"wcs": {"test": service}})


def owe_a_callback(wcs: WcsDouble, slot: str) -> Callback:
    """A booking that an agent cancelled."""
    details = BookingDetails(cancel_callback_url=f"{wcs.url}api/forms/rdv/1/hooks/annuler/")
    booking = confirm(BookingRequest("mairie", (slot,), details=details), now=now(), actor=ALICE).booking
    cancel(booking.pk, now=now(), actor=Actor.agent("agent"), call_back=True)
    return Callback.objects.get()


def lapsed_lock(slot: str, code: str = "K") -> Booking:
    """A lock of an hour ago that nobody has marked."""
    return hold(HoldRequest("mairie", (slot,), code), now=now() - HOUR, actor=ALICE).lock


def runs(name: str = "release_expired_locks") -> int:
    """How often that task has run."""
    return TaskRun.objects.filter(name=name).values_list("runs", flat=True).first() or 0

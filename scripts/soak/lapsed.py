"""Are slots free whose locks have lapsed? Asked over HTTP, as anybody would, with no task having run."""

from __future__ import annotations

import datetime
import random
from zoneinfo import ZoneInfo

from django.conf import settings

from adapter.agendas.models import Booking, BookingState
from scripts.soak.claims import Claim
from scripts.soak.ledger import Hold
from tests.support.signed import HttpApi

MOST = 150


def lapsed_locks_free(base: str, abandoned: list[Hold]) -> Claim:
    """Each is held by somebody else at once, unless its desk was booked meanwhile; and then released."""
    api = HttpApi(base)
    waiting = [hold for hold in abandoned if not _is_booked(hold)]
    failures, tried = [], random.Random(1).sample(waiting, min(MOST, len(waiting)))
    for number, hold in enumerate(tried):
        body = {"lock_code": f"afterwards-{number}"}
        answer = api.post(f"agenda/{hold.desk_agenda}/fillslot/{hold.slot}/", body).json
        if answer["err"]:
            failures.append(f"{hold.slot} on {hold.desk_agenda}/{hold.desk}: {answer['err_desc']}")
            continue
        api.post(f"booking/{answer['booking_id']}/cancel/")
    return Claim(
        "every lapsed lock is free", f"{len(tried)} of {len(abandoned)} abandoned holds, no task run", failures
    )


def _is_booked(hold: Hold) -> bool:
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = (datetime.datetime.fromisoformat(text).replace(tzinfo=zone) for text in (hold.start, hold.end))
    booked = Booking.objects.filter(state=BookingState.BOOKED).overlapping(start, end)
    return booked.filter(desk__slug=hold.desk, desk__agenda__slug=hold.desk_agenda).exists()

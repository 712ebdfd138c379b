"""What stands in the way of a change: appointments, and forms that are being filled in right now."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from adapter.agendas.models import Agenda, Booking, BookingState
from adapter.agendas.services.setup.rows import refuse

LOCKS = (BookingState.HELD, BookingState.EXPIRED, BookingState.RELEASED)


def reasons_to_keep(where: Q, advice: str, *, now: datetime.datetime) -> list[str]:
    """Why the rows that ``where`` finds forbid a removal, a sentence each, and what to do instead.

    None when all are locks that ended.
    """
    rows = Booking.objects.filter(where)
    to_come = rows.filter(state=BookingState.BOOKED, end__gt=now).count()
    past = rows.filter(state=BookingState.BOOKED, end__lte=now).count()
    cancelled = rows.filter(state=BookingState.CANCELLED).count()
    reasons = []
    if to_come:
        reasons.append(
            ngettext("%(count)d appointment is still to come.", "%(count)d appointments are still to come.", to_come)
            % {"count": to_come}
        )
    if past:
        reasons.append(
            ngettext("%(count)d appointment took place.", "%(count)d appointments took place.", past) % {"count": past}
        )
    if cancelled:
        reasons.append(
            ngettext(
                "%(count)d cancelled appointment is kept.", "%(count)d cancelled appointments are kept.", cancelled
            )
            % {"count": cancelled}
        )
    held = held_sentence(where, now=now)
    if held:
        reasons.append(held)
    return [*reasons, advice] if reasons else []


def held_sentence(where: Q, *, now: datetime.datetime) -> str:
    """How many slots are held, and until when at the latest; empty when none is."""
    locks = Booking.objects.live_locks(now).filter(where)
    count = locks.count()
    if not count:
        return ""
    last = locks.aggregate(last=Max("expires_at"))["last"]
    sentence = ngettext(
        "%(count)d slot is held while somebody fills in a form, until %(time)s at the latest.",
        "%(count)d slots are held while people fill in forms, until %(time)s at the latest.",
        count,
    )
    return sentence % {"count": count, "time": f"{last.astimezone(ZoneInfo(settings.TIME_ZONE)):%H:%M}"}


def refuse_while_held(where: Q, field: str, *, now: datetime.datetime) -> None:
    """Raise ``InvalidPayload`` while a slot is held: what its holder was promised would no longer be found."""
    held = held_sentence(where, now=now)
    if held:
        raise refuse(held + " " + _("Change this afterwards, or release the locks first."), field)


def forget_ended_locks(where: Q) -> None:
    """Delete locks that ended without a booking: they would keep what they stood on from being removed."""
    Booking.objects.filter(where, state__in=LOCKS, confirmed_at=None).delete()


def was_used(where: Q) -> bool:
    """Whether anything was ever held or booked there."""
    return Booking.objects.filter(where).exists()


def virtual_agendas_of(agenda: Agenda) -> list[Agenda]:
    """The virtual agendas that ``agenda`` is part of."""
    return list(Agenda.objects.filter(members__real=agenda))

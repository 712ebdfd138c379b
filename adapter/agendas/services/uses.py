"""What stands in the way of a change: appointments, and forms that are being filled in right now."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from adapter.agendas.models import Agenda, Booking, BookingState


def around(agenda: Agenda) -> Q:
    """Bookings and locks that were asked for through ``agenda``, or stand on it."""
    return Q(agenda=agenda) | Q(asked_agenda=agenda)


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


def promise_to_keep(where: Q, *, now: datetime.datetime) -> str:
    """Why what slots are promised by must not change right now, and what to do; empty when no slot is held.

    After the change the holder's confirmation would look for something else than what is held, and fail.
    """
    held = held_sentence(where, now=now)
    return held + " " + _("Change this afterwards, or release the locks first.") if held else ""


def promised_by(agenda: Agenda, meeting_type: str) -> Q:
    """Slots of a meeting type (slug) of ``agenda``, and those held through a virtual agenda that joins it.

    In a virtual agenda types must be the same everywhere, so a change here is a change there.
    """
    virtual = [item.pk for item in virtual_agendas_of(agenda)]
    return Q(meeting_type__slug=meeting_type) & (Q(agenda=agenda) | Q(asked_agenda__in=virtual))


def forget_ended_locks(where: Q, *, now: datetime.datetime) -> None:
    """Delete locks that ended without a booking: they would keep what they stood on from being removed.

    One that is live stays, and so does what it stands on: somebody was told that it is held.
    """
    Booking.objects.ended_locks(now).filter(where, confirmed_at=None).delete()


def was_used(where: Q) -> bool:
    """Whether anything was ever held or booked there."""
    return Booking.objects.filter(where).exists()


def agendas_beside(agenda_ids: Iterable[int]) -> set[int]:
    """These agendas, and the real ones that they join, or that a virtual one joins with them.

    A hold through a virtual agenda depends on the settings of all of them, and takes one desk of one of them: a change
    in any must take the desks of all, so that the hold waits or starts again.
    """
    ids = set(agenda_ids)
    virtual = Agenda.objects.filter(Q(pk__in=ids, kind=Agenda.Kind.VIRTUAL) | Q(members__real__in=ids))
    joined = Agenda.objects.filter(memberships__virtual__in=virtual.values("pk"))
    return ids | set(joined.values_list("pk", flat=True))


def virtual_agendas_of(agenda: Agenda) -> list[Agenda]:
    """The virtual agendas that ``agenda`` is part of."""
    return list(Agenda.objects.filter(members__real=agenda))

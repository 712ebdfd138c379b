"""« Pourquoi ce créneau n'est-il pas proposé ? »: verdicts in words, each with a link to the rule that causes it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from adapter.agendas.models import Refusal
from adapter.agendas.queries.availability import zone_name
from adapter.agendas.queries.snapshot import AgendaSnapshot
from adapter.agendas.services.explaining import DayVerdict, DeskVerdict, StartVerdict
from adapter.agendas.slots import Reason
from adapter.dates import date_text
from adapter.manager.addresses import Tab, settings_path
from adapter.manager.words import REASONS, REFUSED, minutes_in_words


@dataclass(frozen=True, slots=True)
class Cause:
    """What one desk says: the reason, details, and where the rule can be seen (empty: nowhere)."""

    place: str
    reason: str
    detail: str
    link: str
    link_text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A start; ``free`` when it is offered. ``causes`` are what the desks say, those that say the same once."""

    time: str
    free: bool
    state: Reason
    reason: str
    causes: list[Cause]


@dataclass(frozen=True, slots=True)
class Links:
    """Where this agent may be led to: settings only for those who may change them."""

    edits: frozenset[int]
    sees_bookings: bool


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A hold or booking that was refused, in words."""

    at: datetime.datetime
    start: datetime.datetime
    what: str
    form: str
    reason: str
    causes: list[Cause]


def refused_rows(
    refusals: Sequence[Refusal],
    snapshot: AgendaSnapshot,
    titles: Mapping[str, str],
    links: Links,
    known: Collection[int],
) -> list[RefusedRow]:
    """What was refused; of the desks those of the agenda that is shown. ``known``: bookings that are still there."""
    places = {
        (real.slug, desk.slug): f"{real.label}, {desk.label}" if len(snapshot.real_agendas) > 1 else desk.label
        for real in snapshot.real_agendas
        for desk in real.desks
    }
    zone = ZoneInfo(zone_name())
    return [
        RefusedRow(
            refusal.at.astimezone(zone),
            refusal.start.astimezone(zone),
            str(refusal.get_action_display()),
            titles.get(refusal.form_slug, refusal.form_slug),
            _refusal_in_words(refusal),
            _grouped(
                [
                    _then(desk, places[desk["agenda"], desk["desk"]], links, known)
                    for desk in refusal.desks
                    if (desk["agenda"], desk["desk"]) in places
                ]
            ),
        )
        for refusal in refusals
    ]


def _refusal_in_words(refusal: Refusal) -> str:
    if any(desk["reason"] == Reason.FREE for desk in refusal.desks):
        return _("The person has another appointment at that time")
    return str(REFUSED.get(refusal.reason, refusal.reason))


def _then(desk: dict[str, Any], place: str, links: Links, known: Collection[int]) -> Cause:
    reason = Reason(desk["reason"])
    words, number = str(REASONS[reason]), desk.get("booking")
    if number not in known or not links.sees_bookings:
        return Cause(place, words, "", "", "")
    text = _("See the booking") if reason is Reason.BOOKED else _("See the lock")
    return Cause(place, words, "", reverse("manager-booking", args=[number]), text)


def rows_of(verdict: DayVerdict, links: Links) -> list[Row]:
    """Every start of the day."""
    return [row_of(start, verdict.snapshot, links) for start in verdict.starts]


def row_of(start: StartVerdict, snapshot: AgendaSnapshot, links: Links) -> Row:
    """One start."""
    free = start.reason is Reason.FREE
    causes = [_cause(desk, snapshot, links) for desk in start.desks if not free or desk.reason is Reason.FREE]
    return Row(_clock(start.start), free, start.reason, str(REASONS[start.reason]), _grouped(causes))


def _grouped(causes: list[Cause]) -> list[Cause]:
    """Desks that say the same, said once."""
    places: dict[Cause, list[str]] = {}
    for cause in causes:
        places.setdefault(replace(cause, place=""), []).append(cause.place)
    return [replace(cause, place=" · ".join(names)) for cause, names in places.items()]


def _cause(verdict: DeskVerdict, snapshot: AgendaSnapshot, links: Links) -> Cause:
    several = len(snapshot.real_agendas) > 1
    place = f"{verdict.agenda.label}, {verdict.desk.label}" if several else verdict.desk.label
    link, link_text = _link(verdict, snapshot, links)
    return Cause(place, str(REASONS[verdict.reason]), _detail(verdict), link, link_text)


def _detail(verdict: DeskVerdict) -> str:
    reason, start = verdict.reason, verdict.explanation.start
    if reason is Reason.CLOSED:
        opening = next((item for item in verdict.openings if item[0] <= start < item[1]), None)
        if opening is not None:
            return _("Appointments start every %(step)s from %(begins)s on.") % {
                "step": minutes_in_words(verdict.step // 60),
                "begins": _clock(opening[0]),
            }
        if not verdict.openings:
            return _("This desk has no opening hours on that day.")
        hours = ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in verdict.openings)
        return _("Open on that day: %(hours)s.") % {"hours": hours}
    if reason is Reason.TOO_SOON:
        return _("Can be booked from %(moment)s on.") % {"moment": _moment(verdict.earliest)}
    if reason is Reason.TOO_LATE:
        return _("Can be booked until %(moment)s.") % {"moment": _moment(verdict.latest)}
    if reason is Reason.DOES_NOT_FIT:
        opening = next(item for item in verdict.openings if item[0] <= start < item[1])
        return _("Closes at %(ends)s.") % {"ends": _clock(opening[1])}
    if reason in (Reason.EXCEPTION, Reason.EXCLUDED) and verdict.explanation.closure is not None:
        closure = verdict.explanation.closure
        times = _("From %(begins)s to %(ends)s.") % {"begins": _moment(closure.start), "ends": _moment(closure.end)}
        return f"{closure.label} · {times}" if closure.label else times
    if verdict.standing is not None:
        return f"{_clock(verdict.standing.start)}–{_clock(verdict.standing.end)}"
    return ""


def _link(verdict: DeskVerdict, snapshot: AgendaSnapshot, links: Links) -> tuple[str, str]:
    if verdict.standing is not None:
        if not links.sees_bookings:
            return "", ""
        text = _("See the booking") if verdict.reason is Reason.BOOKED else _("See the lock")
        return reverse("manager-booking", args=[verdict.standing.id]), text
    if verdict.reason is Reason.EXCLUDED:
        may = snapshot.id in links.edits
        return (settings_path(snapshot.slug, Tab.EXCLUDED), _("Excluded periods")) if may else ("", "")
    if verdict.reason in (Reason.TOO_SOON, Reason.TOO_LATE):
        # The delays of a virtual agenda go before those of its members.
        slug = snapshot.slug if snapshot.id in links.edits else verdict.agenda.slug
        may = snapshot.id in links.edits or verdict.agenda.id in links.edits
        return (settings_path(slug, Tab.DELAYS), _("Booking delays")) if may else ("", "")
    if verdict.agenda.id not in links.edits:
        return "", ""
    if verdict.reason is Reason.EXCEPTION:
        return settings_path(verdict.agenda.slug, Tab.EXCEPTIONS), _("Exceptions")
    if verdict.reason in (Reason.CLOSED, Reason.DOES_NOT_FIT):
        return settings_path(verdict.agenda.slug, Tab.OPENINGS), _("Opening periods")
    return "", ""


def _local(epoch: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(epoch, ZoneInfo(zone_name()))


def _clock(epoch: int) -> str:
    return f"{_local(epoch):%H:%M}"


def _moment(epoch: int) -> str:
    local = _local(epoch)
    return f"{date_text(local, 'D j F Y')} {local:%H:%M}"

"""Opening periods of desks, and the periods that a virtual agenda leaves out."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Desk, ExcludedPeriod, OpeningPeriod
from adapter.agendas.period_words import period_in_words
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.setup.rows import refuse, save, setting_up

Period = OpeningPeriod | ExcludedPeriod
# That many sentences say enough.
MOST_CLASHES = 5


@dataclass(frozen=True, slots=True)
class Times:
    """When: on ``weekdays`` (0 is Monday; every week, or in ``weeks`` of the month), or on one ``date``.

    Local times; an ``end`` of 00:00 is the midnight at the end of the day.
    """

    start: datetime.time
    end: datetime.time
    weekdays: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    date: datetime.date | None = None
    valid_from: datetime.date | None = None
    valid_until: datetime.date | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Columns of each period. Raises ``InvalidPayload`` when no day is named."""
        if not self.weekdays and self.date is None:
            raise refuse(_("Choose at least one day of the week, or a date."), "weekdays")
        if self.weekdays and self.date is not None:
            raise refuse(_("Give either days of the week or a date."), "date")
        if self.date is not None and self.weeks:
            raise refuse(_("A date has no weeks of the month."), "weeks_of_month")
        common = {
            "weeks_of_month": sorted(set(self.weeks)),
            "date": self.date,
            "start_time": self.start,
            "end_time": self.end,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }
        days: list[int | None] = [*sorted(set(self.weekdays))] or [None]
        return [{**common, "weekday": day} for day in days]


def add_openings(
    agenda: Agenda, desks: Iterable[Desk], times: Times, *, now: datetime.datetime, actor: Actor
) -> list[OpeningPeriod]:
    """Open ``desks`` at these times; what is open at exactly these times already stays as it is.

    Raises ``InvalidPayload`` when no desk is named, one is of another agenda, or the times make no sense or overlap
    what is there.
    """
    chosen = list(desks)
    if not chosen or any(desk.agenda_id != agenda.pk for desk in chosen):
        raise refuse(_("Name at least one desk of this agenda."), "desks")
    rows = times.rows()
    with setting_up(agenda):
        missing: list[tuple[Desk, dict[str, Any]]] = []
        clashes: list[str] = []
        for desk in chosen:
            known = list(desk.openings.all())
            new = _without_known(rows, known)
            clashes += _clashes(new, known, desk)
            missing += [(desk, values) for values in new]
        _refuse_clashes(clashes)
        made = []
        for desk, values in missing:
            period = OpeningPeriod(desk=desk)
            save(period, values)
            made.append(period)
        if made:
            record(actor, now, [Entry("opening.created", agenda.pk, None, _data(rows, chosen))])
    return made


def change_opening(period: OpeningPeriod, times: Times, *, now: datetime.datetime, actor: Actor) -> OpeningPeriod:
    """Change one period of one desk. Raises ``InvalidPayload``, for times that overlap another of its periods too."""
    [values] = _one(times)
    agenda = period.desk.agenda
    with setting_up(agenda):
        row = OpeningPeriod.objects.select_related("desk").get(pk=period.pk)
        _refuse_clashes(_clashes([values], row.desk.openings.exclude(pk=row.pk), row.desk))
        if save(row, values):
            record(actor, now, [Entry("opening.changed", agenda.pk, None, _data([values], [period.desk]))])
    return row


def delete_openings(periods: Sequence[OpeningPeriod], *, now: datetime.datetime, actor: Actor) -> None:
    """Remove opening periods of one agenda. Appointments that are already there stay."""
    if not periods:
        return
    agenda = periods[0].desk.agenda
    with setting_up(agenda):
        rows = OpeningPeriod.objects.filter(pk__in=[period.pk for period in periods], desk__agenda=agenda)
        entries = [
            Entry("opening.deleted", agenda.pk, None, _data([_columns(period)], [period.desk]))
            for period in rows.select_related("desk")
        ]
        rows.delete()
        record(actor, now, entries)


def copy_openings(source: Desk, targets: Iterable[Desk], *, now: datetime.datetime, actor: Actor) -> None:
    """Give ``targets`` the opening periods of ``source`` in the place of their own. Raises ``InvalidPayload``."""
    agenda = source.agenda
    chosen = [desk for desk in targets if desk.pk != source.pk]
    if not chosen or any(desk.agenda_id != agenda.pk for desk in chosen):
        raise refuse(_("Name at least one other desk of this agenda."), "desks")
    with setting_up(agenda):
        wanted = [_columns(period) for period in source.openings.all()]
        OpeningPeriod.objects.filter(desk__in=chosen).delete()
        OpeningPeriod.objects.bulk_create(OpeningPeriod(desk=desk, **values) for desk in chosen for values in wanted)
        data: dict[str, object] = {"from": source.slug, "desks": sorted(desk.slug for desk in chosen)}
        record(actor, now, [Entry("opening.copied", agenda.pk, None, data)])


def add_excluded_periods(
    virtual: Agenda, times: Times, *, now: datetime.datetime, actor: Actor
) -> list[ExcludedPeriod]:
    """Leave times out of a virtual agenda. Raises ``InvalidPayload``."""
    if virtual.kind != Agenda.Kind.VIRTUAL:
        raise refuse(_("Only a virtual agenda has some."))
    rows = times.rows()
    with setting_up(virtual):
        known = list(virtual.excluded_periods.all())
        missing = _without_known(rows, known)
        _refuse_clashes(_clashes(missing, known))
        made = []
        for values in missing:
            period = ExcludedPeriod(agenda=virtual)
            save(period, values)
            made.append(period)
        if made:
            record(actor, now, [Entry("excluded.created", virtual.pk, None, _data(rows, ()))])
    return made


def change_excluded_period(
    period: ExcludedPeriod, times: Times, *, now: datetime.datetime, actor: Actor
) -> ExcludedPeriod:
    """Change one period. Raises ``InvalidPayload``."""
    [values] = _one(times)
    with setting_up(period.agenda):
        row = ExcludedPeriod.objects.get(pk=period.pk)
        _refuse_clashes(_clashes([values], period.agenda.excluded_periods.exclude(pk=row.pk)))
        if save(row, values):
            record(actor, now, [Entry("excluded.changed", row.agenda_id, None, _data([values], ()))])
    return row


def delete_excluded_period(period: ExcludedPeriod, *, now: datetime.datetime, actor: Actor) -> None:
    """Offer these times again."""
    with setting_up(period.agenda):
        record(actor, now, [Entry("excluded.deleted", period.agenda_id, None, _data([_columns(period)], ()))])
        period.delete()


def _one(times: Times) -> list[dict[str, Any]]:
    rows = times.rows()
    if len(rows) > 1:
        raise refuse(_("Choose one day; add further periods for other days."), "weekdays")
    return rows


def _columns(period: Period) -> dict[str, Any]:
    names = ("weekday", "weeks_of_month", "date", "start_time", "end_time", "valid_from", "valid_until")
    return {name: getattr(period, name) for name in names}


def _same(period: Period, values: dict[str, Any]) -> bool:
    return {**_columns(period), "weeks_of_month": sorted(set(period.weeks_of_month))} == values


def _without_known(rows: Iterable[dict[str, Any]], known: Iterable[Period]) -> list[dict[str, Any]]:
    there = list(known)
    return [values for values in rows if not any(_same(period, values) for period in there)]


def _clashes(rows: Sequence[dict[str, Any]], others: Iterable[Period], desk: Desk | None = None) -> list[str]:
    """What of ``others`` holds at the same time as one of ``rows``, a sentence each.

    Weekly periods are compared with weekly ones and dates with the same date: a date may add to what is open weekly.
    """
    sentences = []
    for period in others:
        if any(_overlap(_columns(period), values) for values in rows):
            if desk is None:
                sentence = _("“%(period)s” is there already and overlaps. Change that one, or choose other times.")
            else:
                sentence = _(
                    "%(desk)s: “%(period)s” is there already and overlaps. Change that one, or choose other times."
                )
            sentences.append(sentence % {"period": period_in_words(period), "desk": desk.label if desk else ""})
    return sentences


def _refuse_clashes(sentences: Sequence[str]) -> None:
    if sentences:
        raise InvalidPayload({"start_time": list(sentences[:MOST_CLASHES])})


def _overlap(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Whether both periods, as columns, hold at one moment of some day."""
    if (one["weekday"], one["date"]) != (two["weekday"], two["date"]):
        return False
    weeks, others = set(one["weeks_of_month"]), set(two["weeks_of_month"])
    if weeks and others and not weeks & others:
        return False
    first = max(period["valid_from"] or datetime.date.min for period in (one, two))
    last = min(period["valid_until"] or datetime.date.max for period in (one, two))
    return first <= last and one["start_time"] < _end(two) and two["start_time"] < _end(one)


def _end(period: dict[str, Any]) -> datetime.time:
    end: datetime.time = period["end_time"]
    return datetime.time.max if end == datetime.time.min else end


def _data(rows: list[dict[str, Any]], desks: Iterable[Desk]) -> dict[str, object]:
    first = rows[0]
    return {
        "weekdays": [row["weekday"] for row in rows if row["weekday"] is not None],
        "weeks": list(first["weeks_of_month"]),
        "date": first["date"].isoformat() if first["date"] else "",
        "start": f"{first['start_time']:%H:%M}",
        "end": f"{first['end_time']:%H:%M}",
        "desks": sorted(desk.slug for desk in desks),
    }

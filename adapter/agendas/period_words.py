"""Periods of local time as people read them, alike on pages, in refusals and in plans of imports."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Protocol

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from adapter.agendas.models.periods import Weekday
from adapter.dates import date_text

WEEKS: dict[int, Promise] = {
    1: pgettext_lazy("week of the month", "1st (1 to 7)"),
    2: pgettext_lazy("week of the month", "2nd (8 to 14)"),
    3: pgettext_lazy("week of the month", "3rd (15 to 21)"),
    4: pgettext_lazy("week of the month", "4th (22 to 28)"),
    5: pgettext_lazy("week of the month", "5th (29 to 31)"),
}
ORDINALS: dict[int, Promise] = {
    1: pgettext_lazy("week of the month", "1st"),
    2: pgettext_lazy("week of the month", "2nd"),
    3: pgettext_lazy("week of the month", "3rd"),
    4: pgettext_lazy("week of the month", "4th"),
    5: pgettext_lazy("week of the month", "5th"),
}


class PeriodLike(Protocol):
    """An opening or an excluded period, kept or only read; see :class:`adapter.agendas.models.periods.Period`."""

    @property
    def weekday(self) -> int | None:
        """0 is Monday; ``None`` on a single date."""

    @property
    def weeks_of_month(self) -> Sequence[int]:
        """Empty: every week."""

    @property
    def date(self) -> datetime.date | None:
        """The single date."""

    @property
    def start_time(self) -> datetime.time:
        """Local."""

    @property
    def end_time(self) -> datetime.time:
        """Local; 00:00 ends the day."""

    @property
    def valid_from(self) -> datetime.date | None:
        """First day."""

    @property
    def valid_until(self) -> datetime.date | None:
        """Last day."""


def time_text(time: datetime.time, *, ends: bool = False) -> str:
    """``09:00``; the midnight that ends a day is 24:00."""
    return "24:00" if ends and time == datetime.time.min else f"{time:%H:%M}"


def hours_in_words(start: datetime.time, end: datetime.time) -> str:
    """``09:00 – 12:00``."""
    return f"{time_text(start)} – {time_text(end, ends=True)}"


def weekdays_in_words(days: Sequence[int], weeks: Sequence[int]) -> str:
    """``Monday``, ``1st and 3rd Tuesday of the month``; several days of the same weeks in a row."""
    names = in_a_row([str(Weekday(day).label) for day in days])
    if not weeks:
        return names
    ordinals = in_a_row([str(ORDINALS[week]) for week in sorted(set(weeks)) if week in ORDINALS])
    return _("%(weeks)s %(day)s of the month") % {"weeks": ordinals, "day": names.lower()}


def period_in_words(period: PeriodLike) -> str:
    """When a period holds: ``Monday, 09:00 – 12:00``, ``1st and 3rd Tuesday of the month…``, ``24 December 2026…``."""
    if period.date is not None:
        day = date_text(period.date)
    else:
        day = weekdays_in_words([period.weekday or 0], period.weeks_of_month)
    text = f"{capfirst(day)}, {hours_in_words(period.start_time, period.end_time)}"
    return f"{text} ({validity})" if (validity := _validity(period)) else text


def _validity(period: PeriodLike) -> str:
    first = date_text(period.valid_from, "SHORT_DATE_FORMAT") if period.valid_from else ""
    last = date_text(period.valid_until, "SHORT_DATE_FORMAT") if period.valid_until else ""
    if first and last:
        return _("from %(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return _("from %(first)s on") % {"first": first}
    return _("until %(last)s") % {"last": last} if last else ""


def in_a_row(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return _("%(most)s and %(last)s") % {"most": ", ".join(words[:-1]), "last": words[-1]}

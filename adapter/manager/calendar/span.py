"""The days that a view of the calendar shows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.urls import reverse

from adapter.agendas.queries.availability import Window, zone_name
from adapter.agendas.slots.localtime import local_day

VIEWS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Span:
    """``view`` (``day``, ``week`` or ``month``) around ``day``."""

    view: str
    day: datetime.date

    @property
    def first(self) -> datetime.date:
        """The first day shown."""
        if self.view == "week":
            return self.day - datetime.timedelta(days=self.day.weekday())
        return self.day.replace(day=1) if self.view == "month" else self.day

    @property
    def last(self) -> datetime.date:
        """The last day shown."""
        if self.view == "week":
            return self.first + datetime.timedelta(days=6)
        if self.view == "month":
            return (self.first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
        return self.day

    @property
    def window(self) -> Window:
        """The same, as queries want it."""
        return Window(self.first.toordinal(), self.last.toordinal())

    @property
    def days(self) -> list[datetime.date]:
        """Every day shown."""
        return [self.first + datetime.timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def next(self) -> Span:
        """The span after this one."""
        return Span(self.view, self.last + datetime.timedelta(days=1))

    def previous(self) -> Span:
        """The span before this one."""
        return Span(self.view, self.first - datetime.timedelta(days=1))

    def url(self, agenda: str) -> str:
        """Its address."""
        return reverse(f"manager-agenda-{self.view}", args=[agenda, *self.day.strftime("%Y %m %d").split()])


def today(now: datetime.datetime) -> datetime.date:
    """The local day of ``now``."""
    return datetime.date.fromordinal(local_day(zone_name(), int(now.timestamp())))


def day_from(text: str) -> datetime.date | None:
    """The day that ``YYYY-MM-DD`` names, else ``None``."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def date_from(year: int, month: int, day: int) -> datetime.date | None:
    """A date in years that calendars can show, else ``None``."""
    if not 1971 <= year <= 8999:
        return None
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None

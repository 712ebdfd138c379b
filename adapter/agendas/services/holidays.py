"""Public holidays of France, Belgium and Luxembourg."""

from __future__ import annotations

import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from adapter.agendas.models import ExceptionSource
from adapter.agendas.services.closure_rows import ClosureRow

# This year and the next two: agendas open at most a few months ahead, and laws change.
YEARS_AHEAD = 2
MOSELLE, BAS_RHIN, HAUT_RHIN = "57", "67", "68"
# What people may ask for, by country, and the library's own name of it.
SUBDIVISIONS: dict[str, dict[str, str]] = {
    ExceptionSource.Country.FRANCE: {
        MOSELLE: "57",
        BAS_RHIN: "57",
        HAUT_RHIN: "57",
        "6AE": "57",
        "971": "971",
        "972": "972",
        "973": "973",
        "974": "974",
        "976": "976",
        "BL": "BL",
        "MF": "MF",
        "NC": "NC",
        "PF": "PF",
        "PM": "PM",
        "TF": "TF",
        "WF": "WF",
    },
    ExceptionSource.Country.BELGIUM: {"Flemish": "Flemish", "French": "French", "German": "German"},
    ExceptionSource.Country.LUXEMBOURG: {},
}


class UnknownCountry(ValueError):
    """No holidays are known for that country, or that part of it."""


def public_holidays(country: str, subdivision: str, years: range) -> dict[datetime.date, str]:
    """Dates and French names of the public holidays. Raises :class:`UnknownCountry`.

    ``country`` is FR, BE or LU; ``subdivision`` is empty, a French department or territory with days of its own (57, 67
    and 68: Alsace-Moselle), or a Belgian community.
    """
    if country not in SUBDIVISIONS:
        raise UnknownCountry(f"no public holidays are known for the country {country!r}")
    if subdivision and subdivision not in SUBDIVISIONS[country]:
        raise UnknownCountry(f"no public holidays are known for {subdivision!r} in {country}")
    return dict(_holidays(country, SUBDIVISIONS[country].get(subdivision, ""), years.start, years.stop))


@lru_cache(maxsize=32)
def _holidays(country: str, subdivision: str, first: int, last: int) -> tuple[tuple[datetime.date, str], ...]:
    # A large library that most processes never need.
    import holidays

    found = holidays.country_holidays(country, subdiv=subdivision or None, years=range(first, last), language="fr")
    return tuple(sorted(found.items()))


def holiday_closures(country: str, subdivision: str, *, now: datetime.datetime, zone: str) -> list[ClosureRow]:
    """A closure from midnight to midnight, local time, for each holiday of this year and the next two.

    Raises :class:`UnknownCountry`.
    """
    tz = ZoneInfo(zone)
    year = now.astimezone(tz).year
    return [
        ClosureRow(_midnight(day, tz), _midnight(day + datetime.timedelta(days=1), tz), label[:150])
        for day, label in sorted(public_holidays(country, subdivision, range(year, year + YEARS_AHEAD + 1)).items())
    ]


def _midnight(day: datetime.date, zone: ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, zone).astimezone(datetime.UTC)

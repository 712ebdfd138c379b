"""Reading typed values out of parsed JSON, each fault with the place where it stands."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from adapter.agendas.models.agenda import validate_slug

MISSING = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at ``path`` (such as ``agendas[0].desks[1].slug``)."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


class TransferError(ValueError):
    """The document cannot be imported; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ObjectReader:
    """One JSON object. Faults are added to ``problems`` and a harmless value is given in the place of the bad one."""

    def __init__(self, value: Any, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._known: set[str] = set()
        self._values: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.problems.append(Problem(path or "$", _("An object is expected.")))

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, sentence: str) -> None:
        """Add a fault of the member ``name``."""
        self.problems.append(Problem(self.at(name), sentence))

    def has(self, name: str) -> bool:
        """Whether the member is there and says something."""
        return self._values.get(name) not in (None, [], "")

    def _take(self, name: str, default: Any) -> Any:
        self._known.add(name)
        value = self._values.get(name, MISSING)
        if value is MISSING:
            if default is MISSING:
                self.wrong(name, _("This member is missing."))
            return default
        return value

    def text(self, name: str, default: Any = "", *, most: int | None = 150) -> str:
        """A text of at most ``most`` characters; required when ``default`` is ``MISSING``."""
        value = self._take(name, default)
        if value is MISSING:
            return ""
        if value is None and default == "":
            return ""
        if not isinstance(value, str) or "\x00" in value:
            self.wrong(name, _("A text is expected."))
            return ""
        if default is MISSING and not value.strip():
            self.wrong(name, _("This text must not be empty."))
        if most is not None and len(value) > most:
            self.wrong(name, _("At most %(most)d characters are allowed.") % {"most": most})
        return value

    def slug(self, name: str = "slug") -> str:
        """A required identifier."""
        value = self.text(name, MISSING, most=100)
        if value:
            try:
                validate_slug(value)
            except ValidationError as error:
                self.wrong(name, " ".join(error.messages))
        return value

    def choice(self, name: str, allowed: Sequence[str], default: Any = MISSING) -> str:
        """One of ``allowed`` texts."""
        value = self._take(name, default)
        if value is MISSING:
            return allowed[0]
        if value != default and value not in allowed:
            self.wrong(name, _("One of these is expected: %(allowed)s.") % {"allowed": ", ".join(allowed)})
            return allowed[0]
        return str(value)

    def boolean(self, name: str, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            self.wrong(name, _("true or false is expected."))
            return default
        return value

    def integer(self, name: str, default: Any, *, minimum: int = 0, maximum: int) -> int | None:
        """A whole number, or ``null`` when the default is ``None``."""
        value = self._take(name, default)
        if value is MISSING:
            return minimum
        if value is None and default is not MISSING:
            return None
        if type(value) is not int or not minimum <= value <= maximum:
            self.wrong(
                name,
                _("A whole number from %(minimum)d to %(maximum)d is expected.")
                % {"minimum": minimum, "maximum": maximum},
            )
            return minimum
        return value

    def items(self, name: str) -> list[Any]:
        """A list; absent means empty."""
        value = self._take(name, [])
        if not isinstance(value, list):
            self.wrong(name, _("A list is expected."))
            return []
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of different texts."""
        values = self.items(name)
        if any(not isinstance(value, str) for value in values) or len(set(map(str, values))) != len(values):
            self.wrong(name, _("A list of different texts is expected."))
            return ()
        return tuple(values)

    def numbers(self, name: str, minimum: int, maximum: int) -> tuple[int, ...]:
        """A list of whole numbers, sorted."""
        values = self.items(name)
        if any(type(value) is not int or not minimum <= value <= maximum for value in values):
            self.wrong(
                name,
                _("Whole numbers from %(minimum)d to %(maximum)d are expected.")
                % {"minimum": minimum, "maximum": maximum},
            )
            return ()
        return tuple(sorted(set(values)))

    def objects(self, name: str) -> Iterator[ObjectReader]:
        """Readers of the objects of a list."""
        for number, value in enumerate(self.items(name)):
            yield ObjectReader(value, f"{self.at(name)}[{number}]", self.problems)

    def object(self, name: str) -> ObjectReader:
        """The reader of an object; absent means empty."""
        value = self._take(name, {})
        return ObjectReader({} if value is None else value, self.at(name), self.problems)

    def date(self, name: str) -> datetime.date | None:
        """``YYYY-MM-DD`` or ``null``."""
        value = self._take(name, None)
        if value is None:
            return None
        try:
            return datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(name, _("A date such as 2026-12-31 is expected."))
            return None

    def time(self, name: str, default: Any = MISSING) -> datetime.time | None:
        """``HH:MM`` (24:00 is the midnight that ends the day), or ``null`` when there is a default."""
        value = self._take(name, default)
        if value is MISSING:
            return datetime.time.min
        if value is None and default is not MISSING:
            return None
        if isinstance(value, datetime.time):
            return value
        try:
            return datetime.time.min if value == "24:00" else datetime.time.fromisoformat(value).replace(tzinfo=None)
        except (TypeError, ValueError):
            self.wrong(name, _("A time such as 09:30 is expected."))
            return datetime.time.min

    def moment(self, name: str) -> datetime.datetime:
        """A required date and time; local time when it says no time zone."""
        value = self._take(name, MISSING)
        zone = ZoneInfo(settings.TIME_ZONE)
        if value is not MISSING:
            try:
                moment = datetime.datetime.fromisoformat(value)
                moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
                return moment.astimezone(datetime.UTC)
            except (TypeError, ValueError, OverflowError):
                self.wrong(name, _("A date and time such as 2026-12-31T09:30:00+01:00 is expected."))
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

    def done(self) -> None:
        """Refuse members that nobody asked for: they are mistypings."""
        for name in sorted(set(self._values) - self._known):
            self.wrong(name, _("This member is not known."))

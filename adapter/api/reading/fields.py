"""Values by name, converted with patience; what cannot be understood is collected and refused together."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.utils.timezone import get_default_timezone

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.slots.ids import YEARS

TRUE = frozenset({"true", "t", "1", "yes", "y", "on", "oui", "vrai"})
FALSE = frozenset({"false", "f", "0", "no", "n", "off", "non", "faux", "none", "null", ""})
# Control characters that people paste without seeing them; tabs and line ends may stay.
CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A '+' that was not encoded comes as a space.
LOST_PLUS = re.compile(r" (\d{2}:?\d{2})$")
URL_MAX_LENGTH = 500
# Levels of what is kept as it came: more cannot be written to every database, and nobody means it.
DEEPEST = 30
# Bytes of JSON that are kept beside what the contract names: a form of some hundred fields takes a tenth of it.
OTHERS_MAX_BYTES = 256 * 1024
INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


class Fields:
    """Values of a query or a body. Each reader returns a usable value and notes the error of a bad one;

    :meth:`check` raises all of them at once.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.errors: dict[str, list[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def check(self) -> None:
        """Raise ``InvalidPayload`` with the sentences of every bad field."""
        if self.errors:
            raise InvalidPayload(self.errors)

    def refuse(self, name: str, sentence: str) -> None:
        """Note an error."""
        self.errors.setdefault(name, []).append(sentence)

    def text(self, name: str, max_length: int = 250) -> str:
        """A text without surrounding white space; numbers and booleans as w.c.s. would write them; '' by default."""
        return self._text(name, self.values.get(name), max_length)

    def _text(self, name: str, value: Any, max_length: int) -> str:
        if value is None:
            return ""
        if isinstance(value, (dict, list)):
            self.refuse(name, "Not a valid string.")
            return ""
        text = CONTROLS.sub(" ", str(value)).strip()
        if "\0" in text:
            self.refuse(name, "Null characters are not allowed.")
            return ""
        if not _storable(text):
            self.refuse(name, "Not valid Unicode.")
            return ""
        if len(text) > max_length:
            self.refuse(name, f"Ensure this field has no more than {max_length} characters.")
            return ""
        return text

    def url(self, name: str) -> str:
        """An absolute http or https address, or ''."""
        text = self.text(name, URL_MAX_LENGTH)
        if text and not _is_url(text):
            self.refuse(name, "Enter a valid URL.")
            return ""
        return text

    def boolean(self, name: str, default: bool = False) -> bool:
        """A boolean, as JSON or as a word."""
        found = self.maybe_boolean(name)
        return default if found is None else found

    def maybe_boolean(self, name: str) -> bool | None:
        """The same, ``None`` when there is none."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in TRUE:
            return True
        if word not in FALSE:
            self.refuse(name, "Must be a valid boolean.")
        return False if word else None

    def integer(
        self, name: str, minimum: int, maximum: int, sentence: str = "A valid integer is required."
    ) -> int | None:
        """A whole number between the bounds; ``None`` when there is none."""
        value = self.values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = str(value).strip()
        if isinstance(value, bool) or not INTEGER.fullmatch(text):
            self.refuse(name, sentence)
            return None
        number = int(text)
        if not minimum <= number <= maximum:
            self.refuse(name, f"Ensure this value is between {minimum} and {maximum}.")
            return None
        return number

    def words(self, name: str, max_items: int = 100, max_length: int = 250) -> list[str]:
        """A list of texts, or one text with commas; empty items are left out."""
        value = self.values.get(name)
        if value is None:
            return []
        items = value if isinstance(value, list) else str(value).split(",") if not isinstance(value, dict) else [value]
        if len(items) > max_items:
            self.refuse(name, f"Ensure this field has no more than {max_items} elements.")
            return []
        return [text for item in items if (text := self._text(name, item, max_length))]

    def moment(self, name: str) -> datetime.datetime | None:
        """An instant given as ``YYYY-MM-DD`` (midnight, local time) or ISO 8601; local time unless it says."""
        text = self.text(name, 40)
        if not text:
            return None
        try:
            found = datetime.datetime.fromisoformat(LOST_PLUS.sub(r"+\1", text))
        except ValueError:
            self.refuse(name, "Enter a valid date, as YYYY-MM-DD.")
            return None
        if found.year not in YEARS:
            self.refuse(name, "This date is too far away.")
            return None
        return found if found.tzinfo else found.replace(tzinfo=get_default_timezone())

    def others(self, known: frozenset[str]) -> dict[str, Any]:
        """Keys that the contract does not name, as they came. Null characters cannot be stored and are refused, and so
        is what takes more than ``OTHERS_MAX_BYTES``."""
        found = {name: value for name, value in self.values.items() if name not in known}
        for name, value in found.items():
            if _is_deep(value):
                self.refuse(_named(name), f"Nested deeper than {DEEPEST} levels.")
                return {}
            if not _all_storable(name) or not _all_storable(value):
                self.refuse(_named(name), "Null characters are not allowed.")
                return {}
        size = len(orjson.dumps(found))
        if size > OTHERS_MAX_BYTES:
            self.refuse(
                "non_field_errors",
                f"The additional keys take {size} bytes as JSON; no more than {OTHERS_MAX_BYTES} are kept.",
            )
            return {}
        return found


def _named(name: str) -> str:
    """A key as errors name it."""
    return CONTROLS.sub(" ", name.replace("\0", " "))[:100]


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"\\]", text)
    except ValueError:
        return False


def _storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        nested = [item for item in level if isinstance(item, (list, dict))]
        if not nested:
            return False
        level = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
    return True


def _all_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and _storable(value)
    if isinstance(value, list):
        return all(_all_storable(item) for item in value)
    if isinstance(value, dict):
        return all(_all_storable(name) and _all_storable(item) for name, item in value.items())
    return True

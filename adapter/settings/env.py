"""Typed readers for settings that come from the environment.

Every setting may be given as ``NAME`` or, for secrets kept in files, as ``NAME_FILE`` (the path of a file
whose stripped content is the value). A bad value stops the start with one sentence that names the variable.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


class Environment:
    """Reads typed values out of a mapping of environment variables.

    Each reader takes the variable's name and a default, and raises ``ImproperlyConfigured`` with a sentence
    that starts with the variable's name when the value cannot be used.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self.variables = os.environ if variables is None else variables

    def raw(self, name: str) -> str | None:
        """The text of ``name``, or of the file named by ``name_FILE``; ``None`` when neither is set."""
        value = self.variables.get(name)
        path = self.variables.get(f"{name}_FILE")
        if value is not None and path:
            raise ImproperlyConfigured(f"{name}: give either {name} or {name}_FILE, not both.")
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ImproperlyConfigured(f"{name}_FILE: cannot read {path!r} ({error}).") from None
        return value

    def _read(self, name: str, default: T, convert: Callable[[str], T]) -> T:
        value = self.raw(name)
        if value is None:
            return default
        try:
            return convert(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from None

    def text(self, name: str, default: str = "") -> str:
        """Plain text."""
        return self._read(name, default, str)

    def optional(self, name: str) -> str | None:
        """Plain text, ``None`` when absent or empty."""
        return self.raw(name) or None

    def boolean(self, name: str, default: bool = False) -> bool:
        """``true/false``, ``on/off``, ``yes/no``, ``1/0`` in any case."""

        def convert(value: str) -> bool:
            word = value.strip().lower()
            if word in TRUE_WORDS:
                return True
            if word in FALSE_WORDS:
                return False
            raise ValueError(f"{value!r} is neither true nor false.")

        return self._read(name, default, convert)

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """A whole number between ``minimum`` and ``maximum``, both included."""

        def convert(value: str) -> int:
            try:
                number = int(value.strip())
            except ValueError:
                raise ValueError(f"{value!r} is not a whole number.") from None
            if not minimum <= number <= maximum:
                raise ValueError(f"{number} is not between {minimum} and {maximum}.")
            return number

        return self._read(name, default, convert)

    def words(self, name: str, default: list[str]) -> list[str]:
        """Comma separated words."""
        return self._read(name, default, lambda value: [word.strip() for word in value.split(",") if word.strip()])

    def url(self, name: str, default: str | None, *, schemes: tuple[str, ...]) -> str | None:
        """An absolute URL with one of ``schemes``; ``None`` when absent or empty."""

        def convert(value: str) -> str | None:
            if not value.strip():
                return None
            parts = urlsplit(value.strip())
            if parts.scheme not in schemes or not (parts.netloc or parts.path):
                raise ValueError(f"{value!r} is not a URL that starts with {' or '.join(s + '://' for s in schemes)}.")
            return value.strip()

        return self._read(name, default, convert)

    def time_zone(self, name: str, default: str) -> str:
        """A time zone's name, such as ``Europe/Paris``."""

        def convert(value: str) -> str:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"{value!r} is not a known time zone.") from None
            return value

        return self._read(name, default, convert)

    def parsed(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        """The value given to ``parse``, which raises ``ValueError`` with a sentence when it refuses."""
        value = self.raw(name)
        try:
            return parse(default if value is None else value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from None

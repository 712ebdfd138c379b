"""Filters on texts."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any
from urllib.parse import urljoin as join_urls
from urllib.parse import urlparse, urlunparse

from django.template import Library
from django.utils.safestring import mark_safe
from django.utils.text import slugify

from ..budget import too_long
from ..errors import not_played
from .numbers import NoNumber, number

register = Library()

LONGEST = 2_000_000
#: Letters that are no letter with an accent.
SPELLED = str.maketrans(
    {
        "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "’": "'",
        "‘": "'", "“": '"', "”": '"', "«": "<<", "»": ">>", "–": "-", "\N{NO-BREAK SPACE}": " ", "€": "EUR",
    }
)  # fmt: skip
HOUSE = re.compile(r"\s*(?P<number>[0-9]+)(?P<rest>.*)")
OVERSEAS = ("262", "508", "590", "594", "596")


@register.filter
def startswith(text: Any, start: Any) -> Any:
    """Whether it begins so."""
    return text and str(text).startswith(str(start))


@register.filter
def endswith(text: Any, end: Any) -> Any:
    """Whether it ends so."""
    return text and str(text).endswith(str(end))


@register.filter
def split(text: Any, separator: Any = None) -> list[str]:
    """The parts between separators, by default between blanks."""
    return str(text).split(None if separator is None else str(separator)) if text else []


@register.filter
def strip(text: Any, characters: Any = None) -> str:
    """Without blanks (or these characters) at both ends."""
    return str(text).strip(str(characters) if characters else None) if text else ""


@register.filter
def removeprefix(text: Any, prefix: Any = None) -> str:
    """Without that beginning."""
    return str(text).removeprefix(str(prefix or "")) if text else ""


@register.filter
def removesuffix(text: Any, suffix: Any = None) -> str:
    """Without that end."""
    return str(text).removesuffix(str(suffix or "")) if text else ""


@register.filter
def urljoin(base: Any, path: Any = None) -> str:
    """The address of `path` seen from `base`."""
    return join_urls(str(base or ""), str(path or ""))


@register.filter
def with_auth(url: Any, who: Any) -> str:
    """The address with `name:password` in it."""
    if not url:
        return ""
    parts = urlparse(str(url))
    return urlunparse(parts._replace(netloc=f"{who}@{parts.netloc.rpartition('@')[2]}"))


@register.filter
def unaccent(text: Any) -> str:
    """In plain letters; scripts other than Latin are not played."""
    if not text or not isinstance(text, str):
        return ""
    letters = unicodedata.normalize("NFKD", text.translate(SPELLED))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if not bare.isascii():
        raise not_played("filter", "unaccent", 1)
    return bare


@register.filter
def concat(first: Any, second: Any) -> str:
    """One after the other."""
    return f"{first}{second}"


@register.filter
def repeat(value: Any, times: Any) -> Any:
    """A text or list, so many times."""
    try:
        wanted = number(times)
    except NoNumber:
        return ""
    count = int(wanted)
    if count != wanted or count < 0:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str | list | tuple):
        return ""
    if len(value) * count > LONGEST:
        raise too_long()
    return value * count


@register.filter(is_safe=True)
def json_dumps(value: Any) -> str:
    """As JSON; "" for what JSON does not know, a field that was not made plain among it."""
    try:
        return mark_safe(json.dumps(value))  # noqa: S308
    except (TypeError, ValueError):
        return ""


json_dumps.wants_lazy = True  # type: ignore[attr-defined]


@register.filter
def wbr(text: Any) -> str:
    """Lines may break after each underscore."""
    return mark_safe(text.replace("_", "_<wbr/>"))  # noqa: S308


@register.filter
def searchify(text: Any) -> str:
    """As a slug, apostrophes taken for blanks."""
    return slugify(str(text).replace("'", " "))


@register.filter
def sha256(text: Any, salt: Any = None) -> str:
    """The SHA-256 of the text and the salt."""
    return hashlib.sha256(f"{text}{'' if salt is None else salt}".encode()).hexdigest()


@register.filter
def token_check(token: Any, other: Any) -> bool:
    """Whether both are the same, capitals and blanks aside."""
    return str(token).strip().upper() == str(other).strip().upper()


@register.filter
def housenumber_number(text: Any) -> str:
    """The number of `12 bis`."""
    found = HOUSE.match(str(text)) if text else None
    return found["number"] if found else ""


@register.filter
def housenumber_btq(text: Any) -> str:
    """What follows the number of `12 bis`."""
    found = HOUSE.match(str(text)) if text else None
    return found["rest"] if found else ""


@register.filter(is_safe=False)
def phonenumber_fr(value: Any, separator: str = " ") -> Any:
    """A French telephone number in pairs; others stay as they are."""
    if not isinstance(value, str) or not value.strip():
        return value
    written = value.strip()
    plus = written.startswith("+")
    digits = ("00" if plus else "") + re.sub(r"[^0-9]", "", written)
    abroad = "+" if plus else f"00{separator}"
    if re.fullmatch(r"0[1-9]\d{8}", digits):
        return separator.join(re.findall("..", digits))
    if len(digits) == 14 and digits.startswith("00330"):
        digits = digits[:4] + digits[5:]
    if len(digits) == 13 and digits.startswith("0033"):
        return separator.join([f"{abroad}33", digits[4], *re.findall("..", digits[5:])])
    if len(digits) == 11 and digits[:2] == "00" and digits[2:5] in OVERSEAS:
        return separator.join([f"{abroad}{digits[2:5]}", *re.findall("..", digits[5:])])
    return value


@register.filter(is_safe=True)
def translate(text: Any, context: Any = None) -> Any:
    """As it is: a rehearsal has none of the site's translations."""
    return text

"""Checks of what was filled in, by type of field. Each raises `Wrong` with a message for whoever fills the form."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workflows.reader import Field
from workflows.reader.model.base import Condition

from .templates.dates import as_date, printed
from .templates.filters.numbers import NoNumber, number

if TYPE_CHECKING:
    from .scope import Scope

EMAIL = re.compile(r"[^@\s]++@[^@\s.]++(?:\.[^@\s.]++)++")
#: Validations that are patterns.
PATTERNS = {
    "digits": r"\d+",
    "phone": r"\+?[-\(\)\d\.\s/]+",
    "phone-fr": r"(?:0|\+33|0033)[1-9]\d{8}",
    "zipcode-fr": r"\d{5}",
    "time": r"(?:[01]?\d|2[0-3]):[0-5]\d",
    "url": r"https?://[^\s/]\S*+",
}


class Wrong(Exception):
    """The value is refused."""


def text(field: Field, given: str, scope: Scope) -> str:
    """A text: its length, and its validation."""
    longest = field.text("maxlength")
    if longest.isdecimal() and len(given) > int(longest):
        say = scope.site.say
        raise Wrong(say(f"too long, at most {longest} characters", f"trop long, {longest} caractères au plus"))
    validation = field.child("validation")
    if validation is None or _valid(field, validation.findtext("type") or "", given, scope):
        return given
    own = validation.findtext("error_message") or ""
    raise Wrong(own or scope.site.say("invalid value", "valeur invalide"))


def _valid(field: Field, kind: str, given: str, scope: Scope) -> bool:
    validation = field.child("validation")
    assert validation is not None
    value = validation.findtext("value") or ""
    if kind == "django":
        condition = Condition(field.document, validation)
        return scope.with_names(value=given).holds(condition)
    if kind == "iban":
        return _iban(given)
    if kind == "nrn-be":
        return _national_number(given)
    pattern = value if kind == "regex" else PATTERNS.get(kind, "")
    if kind in ("phone-fr", "zipcode-fr"):
        given = re.sub(r"[\s.-]", "", given)
    try:
        return not pattern or re.fullmatch(pattern, given) is not None
    except re.error:
        return True


def _iban(given: str) -> bool:
    letters = re.sub(r"\s", "", given).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", letters):
        return False
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1


def _national_number(given: str) -> bool:
    """Belgian: the last two digits prove the others, with a 2 before them for those born since 2000."""
    if not re.fullmatch(r"\d{11}", given):
        return False
    body, proof = given[:9], int(given[9:])
    return proof in (97 - int(body) % 97, 97 - int(f"2{body}") % 97)


def email(given: str, scope: Scope) -> str:
    """An e-mail address."""
    if not EMAIL.fullmatch(given):
        raise Wrong(scope.site.say("not an e-mail address", "adresse électronique invalide"))
    return given


def date(field: Field, given: Any, scope: Scope) -> str:
    """A date as `YYYY-MM-DD`, within the limits of the field."""
    say, found = scope.site.say, as_date(given)
    if found is None:
        raise Wrong(say("not a date", "date invalide"))
    today: datetime.date = scope.names()["today"]
    day = datetime.timedelta(days=1)
    may_be_today = field.flag("date_can_be_today")
    lowest, highest = _limit(field, "minimum_date", scope), _limit(field, "maximum_date", scope)
    if field.flag("minimum_is_future"):
        lowest = today if may_be_today else today + day
    if field.flag("date_in_the_past"):
        highest = today if may_be_today else today - day
    if lowest and found < lowest:
        raise Wrong(say(f"must be on or after {printed(lowest)}", f"doit être le {printed(lowest)} ou après"))
    if highest and found > highest:
        raise Wrong(say(f"must be on or before {printed(highest)}", f"doit être le {printed(highest)} ou avant"))
    return found.isoformat()


def _limit(field: Field, name: str, scope: Scope) -> datetime.date | None:
    source = field.text(name)
    return as_date(scope.text(source, field)) if source else None


def numeric(field: Field, given: Any, scope: Scope) -> Decimal:
    """A number, within the limits of the field."""
    say = scope.site.say
    try:
        found = number(given)
    except NoNumber:
        raise Wrong(say("not a number", "nombre invalide")) from None
    if field.flag("restrict_to_integers") and found != found.to_integral_value():
        raise Wrong(say("not a whole number", "nombre entier attendu"))
    for name, too_far in (("min_value", -1), ("max_value", 1)):
        try:
            limit = number(field.text(name)) if field.text(name) else None
        except NoNumber:
            continue
        if limit is not None and (found - limit) * too_far > 0:
            raise Wrong(say(f"out of bounds: {limit}", f"hors limites : {limit}"))
    return found


def file(given: Any, scope: Scope) -> dict[str, Any]:
    """A file as it is sent in JSON: name, type, and content in base64 (§4.1)."""
    if not isinstance(given, Mapping) or not given.get("filename"):
        raise Wrong(scope.site.say("not a file", "fichier invalide"))
    content = str(given.get("content") or "")
    try:
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(scope.site.say("not a file", "fichier invalide")) from None
    return {
        "filename": str(given["filename"]),
        "content_type": str(given.get("content_type") or "application/octet-stream"),
        "content": content,
        "content_is_base64": True,
    }


def point(given: Any, scope: Scope) -> dict[str, float]:
    """A point on a map: `{lat, lon}` or `lat;lon`."""
    try:
        if isinstance(given, str):
            lat, _, lon = given.partition(";")
            return {"lat": float(lat), "lon": float(lon)}
        return {"lat": float(given["lat"]), "lon": float(given["lon"])}
    except (KeyError, TypeError, ValueError):
        raise Wrong(scope.site.say("not a point on the map", "position invalide")) from None

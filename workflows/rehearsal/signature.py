"""Signatures of w.c.s. (wcs-runtime.md §7): made for what it sends, checked on what it receives.

Written apart from the adapter's own, so that each proves the other.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

WINDOW = datetime.timedelta(seconds=30)
TIMESTAMP = "%Y-%m-%dT%H:%M:%SZ"


class Refused(Exception):
    """The signature is not accepted; the message is the one w.c.s. gives (§7.1)."""


def sign_query(query: str, key: str, now: datetime.datetime, nonce: str = "") -> str:
    """The query with `algo`, `timestamp`, `nonce` and, last, `signature` (§7.2)."""
    parts = [query] if query else []
    stamp = now.astimezone(datetime.UTC).strftime(TIMESTAMP)
    parts += ["algo=sha256", f"timestamp={quote(stamp, safe='')}", f"nonce={nonce or f'{secrets.randbits(128):x}'}"]
    text = "&".join(parts)
    return f"{text}&signature={quote(_digest(text, key, 'sha256'))}"


def sign_url(url: str, key: str, now: datetime.datetime, orig: str = "") -> str:
    """The address signed; `orig` is appended when it is given (§4.2)."""
    parts = urlsplit(url)
    query = "&".join(filter(None, [parts.query, f"orig={quote(orig, safe='')}" if orig else ""]))
    return urlunsplit(parts._replace(query=sign_query(query, key, now)))


def _digest(text: str, key: str, algo: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), algo).digest()).decode()


class Nonces:
    """Nonces seen in the last 30 seconds (§7.1.6)."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime.datetime] = {}

    def first_use(self, nonce: str, now: datetime.datetime) -> bool:
        """Whether it was not used lately; from now on it was."""
        name = re.sub(r"[^a-z0-9]+", "-", nonce[:128].lower())
        self._seen = {seen: at for seen, at in self._seen.items() if now - at <= WINDOW}
        if name in self._seen:
            return False
        self._seen[name] = now
        return True


def check_query(query: str, key_of: Callable[[str], str | None], now: datetime.datetime, nonces: Nonces) -> str:
    """Who signed the raw query; "" when it carries no signature. Raises `Refused` (§7.1)."""
    if "signature=" not in query:
        return ""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)

    def only(name: str) -> str:
        found = values.get(name, [])
        # A repeated orig is reduced to its first value before the check.
        if not found or (len(found) > 1 and name != "orig"):
            raise Refused(f"Missing/multiple {name} field.")
        return found[0]

    orig = only("orig")
    key = key_of(orig)
    if not key:
        raise Refused("Invalid orig.")
    algo = only("algo")
    if algo not in hashlib.algorithms_guaranteed or algo.startswith("shake"):
        raise Refused("Invalid algo.")
    signed, _, _rest = query.rpartition("&signature=")
    try:
        given = base64.b64decode(only("signature"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("Invalid signature.") from None
    if not hmac.compare_digest(given, base64.b64decode(_digest(signed, key, algo))):
        raise Refused("Invalid signature.")
    _check_time(only("timestamp"), now)
    if "nonce" in values and not nonces.first_use(values["nonce"][0], now):
        raise Refused("Nonce already used.")
    return orig


def _check_time(timestamp: str, now: datetime.datetime) -> None:
    try:
        at = datetime.datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=datetime.UTC)
    except ValueError:
        raise Refused("Invalid timestamp field; it must be YYYY-MM-DDTHH:MM:SSZ.") from None
    if abs(now - at) > WINDOW:
        raise Refused("Invalid timestamp field; the clocks differ by more than 30 seconds.")

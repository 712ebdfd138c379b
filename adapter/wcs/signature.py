"""Publik's URL signature, both ways. Standard library only.

Contract: chrono-api §11 and wcs-runtime §7. The query string is signed as it stands on the wire; method, path and body
are not covered.
"""

from __future__ import annotations

import base64
import datetime
import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

WINDOW = datetime.timedelta(seconds=30)
# Each is an unbroken HMAC; sha1 is what older clients of the platform send. The name is itself signed.
ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")
TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
SEPARATOR = "&signature="
NONCE_USED = "Nonce already used."
# Stands in for the key of an unknown caller, so that it is refused as late as a known one.
NOBODY = secrets.token_hex(32)

SecretFor = Callable[[str], str | None]
FirstUse = Callable[[str, str], bool]


class SignatureRefused(Exception):
    """The call is not signed, or not as it must be. ``reason`` is a short English sentence without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign_query(
    query: str, secret: str, *, orig: str, now: datetime.datetime, nonce: str | None = None, algo: str = "sha256"
) -> str:
    """``query`` (without ``?``) with ``orig`` when it has none, ``algo``, ``timestamp``, ``nonce`` and ``signature``.

    Sign again for each retry: a receiver refuses a nonce that it has seen. Raises ``ValueError`` on another ``algo``.
    """
    if algo not in ALGORITHMS:
        raise ValueError(f"algo: {algo!r} is not one of {', '.join(ALGORITHMS)}")
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name == "orig" for name, _ in pairs):
        pairs.append(("orig", orig))
    timestamp = now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    pairs += [("algo", algo), ("timestamp", timestamp), ("nonce", nonce or secrets.token_hex(16))]
    base = urlencode(pairs)
    return base + SEPARATOR + quote(_mac(base.encode("ascii"), secret, algo), safe="/")


def sign_url(
    url: str, secret: str, *, orig: str, now: datetime.datetime, nonce: str | None = None, algo: str = "sha256"
) -> str:
    """``url`` with its query signed as by :func:`sign_query`; a fragment is dropped, it is never sent."""
    parts = urlsplit(url)
    query = sign_query(parts.query, secret, orig=orig, now=now, nonce=nonce, algo=algo)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def verify_query(raw_query: str, secret_for_orig: SecretFor, *, now: datetime.datetime, first_use: FirstUse) -> str:
    """Who signed ``raw_query`` (the query string as received, without ``?``): its ``orig``.

    ``secret_for_orig`` gives a caller's key; ``first_use(orig, nonce)`` remembers a nonce and tells that it is new, or
    that this will be known later: it is asked last, so that nobody without a key can fill its memory. A call without a
    nonce is accepted, as w.c.s. does. Raises :class:`SignatureRefused`.
    """
    signed, separator, given = raw_query.rpartition(SEPARATOR)
    if not separator:
        raise SignatureRefused("Missing signature.")
    if "&" in given:
        raise SignatureRefused("The signature is not the last parameter.")
    values = query_parameters(raw_query)
    orig, algo, timestamp = (_single(values, name) for name in ("orig", "algo", "timestamp"))
    secret = secret_for_orig(orig)
    if algo not in ALGORITHMS:
        raise SignatureRefused("Invalid algo.")
    expected = _mac(_wire_bytes(signed), secret or NOBODY, algo)
    if not hmac.compare_digest(expected.encode(), unquote(given, errors="replace").encode()) or not secret:
        # One answer for both: who asks does not learn which names exist.
        raise SignatureRefused("Invalid signature.")
    if abs(_moment(timestamp) - now) > WINDOW:
        raise SignatureRefused("The timestamp is more than 30 seconds away; compare the clocks of both servers.")
    if "nonce" in values and not first_use(orig, _single(values, "nonce")):
        raise SignatureRefused(NONCE_USED)
    return orig


def signed_at(raw_query: str) -> datetime.datetime:
    """When a query string that was verified was signed."""
    return _moment(query_parameters(raw_query)["timestamp"][0])


def _mac(message: bytes, secret: str, algo: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), message, algo)).decode()


def _wire_bytes(text: str) -> bytes:
    # WSGI hands the bytes of the wire over as latin-1; anything else was never on a wire.
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


@lru_cache(maxsize=4)
def query_parameters(query: str) -> Mapping[str, Sequence[str]]:
    """The values of each parameter of a query string as received (bytes as latin-1, as WSGI has them).

    What is not UTF-8 becomes replacement characters; a name without ``=`` has an empty value. Those of the last calls
    are kept: a signature and a view ask for the same.
    """
    if not query.isascii():
        query = _wire_bytes(query).decode("utf-8", "replace")
    values: dict[str, list[str]] = {}
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            values.setdefault(_unquoted(name), []).append(_unquoted(value))
    return values


def _unquoted(text: str) -> str:
    # Most names and values have nothing to be taken apart: looking costs less than the call.
    return unquote_plus(text) if "%" in text or "+" in text else text


def _single(values: Mapping[str, Sequence[str]], name: str) -> str:
    found = values.get(name, ())
    if len(found) != 1 or not found[0]:
        raise SignatureRefused(f"Missing/multiple {name} field.")
    return found[0]


def _moment(timestamp: str) -> datetime.datetime:
    if TIMESTAMP.fullmatch(timestamp):
        try:
            return datetime.datetime.fromisoformat(timestamp)
        except ValueError:
            pass
    raise SignatureRefused("Invalid timestamp field; it must be in UTC, as YYYY-MM-DDTHH:MM:SSZ.")

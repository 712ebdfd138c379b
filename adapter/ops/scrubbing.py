"""What may leave a process in a log line, a trace or a report of an error: nothing personal, no code, no secret.

Events of ours name nothing personal to begin with. This is the belt for what others write: tracebacks, libraries,
Django. Standard library only, because logs are configured while the settings are read.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Iterable
from functools import lru_cache
from types import TracebackType
from typing import Any

HIDDEN = "[hidden]"
# Keys whose values are about a person, or open a door.
PRIVATE_KEYS = re.compile(
    r"lock_?code|password|secret|token|signature|nonce|authorization|cookie|csrf|api_?key|dsn"
    r"|e_?mail|phone|user_(?!agent)|first_?name|last_?name|^label$|extra_data|callback_url|backoffice_url|form_url",
    re.IGNORECASE,
)
EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)+|(?<![\w.+%-])[\w.+%-]++@[\w.-]*+\Z")
# Codes that stand in addresses of ours, as they are written and as they are sent.
CODES_IN_PATHS = re.compile(r"(/locks/|/given-up/|/feeds/)([^\s?#\"'<>]+?)(?=/renew/|/(?:[\s?#\"'<>]|$)|[\s?#\"'<>]|$)")
QUERY = re.compile(r"\?[^\s\"'<>)]*+")
# From the last blank to an '@'.
URL_PASSWORD = re.compile(r"((?<!\w)\w++://)[^\s/@:]*+:")
SECRET_WORDS = re.compile(
    r"\b((?:lock_?code|password|secret|token|signature|nonce|authorization|cookie|dsn)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]+",
    re.IGNORECASE,
)
# Line ends and control characters of any alphabet: one event is one line, whatever a caller sends.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
LONGEST = 2000
# Characters of a text that are looked at: what comes after is not logged.
MOST_LOOKED_AT = 8000
# Errors whose words are about the program. Any other error may quote a row or a body: only its type and place are kept.
SPEAKING = (
    "AttributeError",
    "ImportError",
    "ImproperlyConfigured",
    "InterfaceError",
    "ModuleNotFoundError",
    "NameError",
    "NoReverseMatch",
    "NotImplementedError",
    "OperationalError",
    "RecursionError",
    "TemplateDoesNotExist",
    "TemplateSyntaxError",
    "TypeError",
)


def fingerprint(code: str) -> str:
    """A short text that tells codes apart without giving them; the same as ``lock_fingerprint`` of the agendas."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def one_line(text: str) -> str:
    """``text`` with its control characters written out, and cut at 2000 characters."""
    text = text[:LONGEST]
    if text.isprintable():
        return text
    return CONTROLS.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)[:LONGEST]


def scrub_text(text: str) -> str:
    """``text`` on one line, without queries, e-mail addresses, passwords; a lock code in a path shows as its hash."""
    if len(text) > MOST_LOOKED_AT:
        # Without its last word: what is cut within an address is not known for one.
        text = text[:MOST_LOOKED_AT]
        text = text.rpartition(" ")[0] or text
    # Each pattern only where its sign stands: most texts are short words, and every call of the API writes some.
    if "@" in text:
        text = _without_passwords(text)
    if "?" in text:
        text = QUERY.sub(lambda found: f"?{HIDDEN}" if "=" in found[0] else found[0], text)
    if "/" in text:
        text = CODES_IN_PATHS.sub(lambda found: f"{found[1]}~{fingerprint(found[2])}", text)
    if ":" in text or "=" in text:
        text = SECRET_WORDS.sub(rf"\1{HIDDEN}", text)
    if "@" in text:
        text = EMAIL.sub(HIDDEN, text)
    return one_line(text)


def _without_passwords(text: str) -> str:
    """``scheme://user:password@`` without user and password. Looks back from each ``@``, once over each part."""
    *parts, rest = text.split("@")
    kept = []
    for part in parts:
        word = max(map(part.rfind, " \t\r\n\f\v")) + 1
        found = URL_PASSWORD.search(part, word)
        kept.append(part if found is None else f"{part[: found.end(1)]}{HIDDEN}")
    return "@".join([*kept, rest])


def scrub(value: Any, key: str = "") -> Any:
    """``value`` for an event's ``key``: hidden when the key is private, else scrubbed through lists and objects."""
    if _is_private(key) and value not in (None, "", 0, False):
        return HIDDEN
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, bytes):
        return HIDDEN
    if isinstance(value, dict):
        return {one_line(str(name)): scrub(item, str(name)) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [scrub(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return scrub_text(str(value))


@lru_cache(maxsize=512)
def _is_private(key: str) -> bool:
    return PRIVATE_KEYS.search(key) is not None


def error_words(error: BaseException) -> str:
    """What an error may say: its type, and its words when they are about the program."""
    name = type(error).__name__
    return f"{name}: {scrub_text(str(error))}" if name in SPEAKING and str(error) else name


def traceback_lines(error: BaseException | None, trace: TracebackType | None) -> list[str]:
    """Where an error was raised, cause first; no values, and words only of errors that speak of the program."""
    lines: list[str] = []
    for step in _chain(error):
        lines += [
            f"{frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(step.__traceback__ or (trace if step is error else None))
        ]
        lines.append(error_words(step))
    return lines


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return reversed(found)

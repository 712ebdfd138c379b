"""Answers that are written already: lists of slots, good as long as nothing changed on the agenda and no lock lapsed.

The versions of an agenda and its desks, read from the database for each call, must be those of the answer: it is never
older than what the call could have read by itself. Processes share answers through Redis, and keep the last ones
themselves; of each question there is one, the last.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

import orjson
from django.conf import settings

from adapter.agendas.privacy import lock_fingerprint
from adapter.shared import RedisAway, ask_redis

# Bytes of answers that a process keeps.
KEPT = 16 * 1024 * 1024
# Seconds, and bytes, that Redis keeps one.
SHARED_FOR = 600
SHARED_MOST = 1024 * 1024
# Changes with the shape of answers: processes of two versions may share a Redis.
FORM = 1


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer to what stands at the versions that ``state`` tells.

    It is right from ``since`` on and before ``until`` (epoch seconds; ``None``: no lock is live), for everybody who
    holds nothing there: ``codes`` are the fingerprints of the codes that do.
    """

    state: str
    body: bytes
    etag: str
    since: int
    until: int | None
    codes: frozenset[str]

    def serves(self, present: int, lock_code: str) -> bool:
        """Whether this is what a caller with that code is to be told at that time."""
        if present < self.since or (self.until is not None and present >= self.until):
            return False
        return not (lock_code and self.codes and lock_fingerprint(lock_code) in self.codes)

    def packed(self) -> bytes:
        """For Redis: one line about it, then the answer."""
        about = {
            "state": self.state,
            "etag": self.etag,
            "since": self.since,
            "until": self.until,
            "codes": sorted(self.codes),
        }
        return orjson.dumps(about) + b"\n" + self.body


class ReadyAnswers:
    """The last answer to each question; a question is whatever can be hashed, without the versions."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._size = 0
        self._lock = Lock()
        self._items: OrderedDict[Hashable, Ready] = OrderedDict()

    def find(self, question: Hashable, state: str, *, shared: bool) -> Ready | None:
        """The answer at that state: the one kept here, else one that another process made when it is ``shared``."""
        with self._lock:
            found = self._items.get(question)
            if found is not None and found.state == state:
                self._items.move_to_end(question)
                return found
        found = _from_redis(question) if shared else None
        if found is None or found.state != state:
            return None
        self._keep(question, found)
        return found

    def put(self, question: Hashable, ready: Ready, *, shared: bool) -> None:
        """Keep it in the place of the one before, and let others have it when it is ``shared``."""
        self._keep(question, ready)
        if shared and len(ready.body) <= SHARED_MOST:
            try:
                ask_redis("ready answers", "SET", _name(question), ready.packed(), "EX", SHARED_FOR)
            except RedisAway:
                pass

    def clear(self) -> None:
        """Forget what is kept here."""
        with self._lock:
            self._items.clear()
            self._size = 0

    def _keep(self, question: Hashable, ready: Ready) -> None:
        with self._lock:
            before = self._items.pop(question, None)
            self._size += len(ready.body) - (len(before.body) if before else 0)
            self._items[question] = ready
            while self._size > self._most:
                _question, dropped = self._items.popitem(last=False)
                self._size -= len(dropped.body)


ready_answers = ReadyAnswers()


def state_of(*versions: object) -> str:
    """A short text for these versions."""
    return hashlib.blake2b(repr(versions).encode(), digest_size=16).hexdigest()


def make_ready(
    state: str, body: bytes, difference: bytes, *, since: int, until: int | None, codes: frozenset[str]
) -> Ready:
    """``difference`` is all that tells ``body`` from other answers to the same question: to look through a whole long
    answer costs more than to write it. ``codes`` are lock codes; only their fingerprints are kept.
    """
    etag = f'"{hashlib.blake2b(difference, digest_size=12).hexdigest()}"'
    return Ready(state, body, etag, since, until, frozenset(lock_fingerprint(code) for code in codes))


def _from_redis(question: Hashable) -> Ready | None:
    try:
        packed = ask_redis("ready answers", "GET", _name(question))
    except RedisAway:
        return None
    if packed is None:
        return None
    about, _, body = packed.partition(b"\n")
    found = orjson.loads(about)
    return Ready(found["state"], body, found["etag"], found["since"], found["until"], frozenset(found["codes"]))


def _name(question: Hashable) -> str:
    """Texts of answers depend on these settings as well."""
    parts = (FORM, settings.BASE_URL, settings.TIME_ZONE, settings.LANGUAGE_CODE, question)
    return f"slots:{hashlib.sha256(repr(parts).encode()).hexdigest()}"

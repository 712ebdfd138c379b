"""Answers that are written already: lists of slots, good as long as nothing changed on the agenda and no lock lapsed.

The versions of an agenda and its desks, read from the database for each call, are part of the key: an answer is never
older than what the call could have read by itself. Processes share answers through Redis, and keep the last ones
themselves.
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
    """An answer that is right from ``since`` on and before ``until`` (epoch seconds; ``None``: no lock is live), for
    everybody who holds nothing there: ``codes`` are the fingerprints of the codes that do."""

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
        about = {"etag": self.etag, "since": self.since, "until": self.until, "codes": sorted(self.codes)}
        return orjson.dumps(about) + b"\n" + self.body


def make_ready(body: bytes, *, since: int, until: int | None, codes: frozenset[str]) -> Ready:
    """``codes`` are lock codes; only their fingerprints are kept."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return Ready(body, etag, since, until, frozenset(lock_fingerprint(code) for code in codes))


class ReadyAnswers:
    """The last answers, by key."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._size = 0
        self._lock = Lock()
        self._items: OrderedDict[Hashable, Ready] = OrderedDict()

    def find(self, key: Hashable, *, shared: bool) -> Ready | None:
        """The one kept here, else the one another process made when it is ``shared``."""
        with self._lock:
            found = self._items.get(key)
            if found is not None:
                self._items.move_to_end(key)
                return found
        found = _from_redis(key) if shared else None
        if found is not None:
            self._keep(key, found)
        return found

    def put(self, key: Hashable, ready: Ready, *, present: int, shared: bool) -> None:
        """Keep it, and let others have it when it is ``shared``."""
        self._keep(key, ready)
        if shared and len(ready.body) <= SHARED_MOST:
            seconds = SHARED_FOR if ready.until is None else min(SHARED_FOR, ready.until - present)
            try:
                ask_redis("ready answers", "SET", _name(key), ready.packed(), "EX", max(1, seconds))
            except RedisAway:
                pass

    def clear(self) -> None:
        """Forget what is kept here."""
        with self._lock:
            self._items.clear()
            self._size = 0

    def _keep(self, key: Hashable, ready: Ready) -> None:
        with self._lock:
            before = self._items.pop(key, None)
            self._size += len(ready.body) - (len(before.body) if before else 0)
            self._items[key] = ready
            while self._size > self._most:
                _key, dropped = self._items.popitem(last=False)
                self._size -= len(dropped.body)


ready_answers = ReadyAnswers()


def _from_redis(key: Hashable) -> Ready | None:
    try:
        packed = ask_redis("ready answers", "GET", _name(key))
    except RedisAway:
        return None
    if packed is None:
        return None
    about, _, body = packed.partition(b"\n")
    values = orjson.loads(about)
    return Ready(body, values["etag"], values["since"], values["until"], frozenset(values["codes"]))


def _name(key: Hashable) -> str:
    """Texts of answers depend on these settings as well."""
    parts = (FORM, settings.BASE_URL, settings.TIME_ZONE, settings.LANGUAGE_CODE, key)
    return f"slots:{hashlib.sha256(repr(parts).encode()).hexdigest()}"

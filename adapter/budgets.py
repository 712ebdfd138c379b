"""How often somebody may do something in a minute: counted in the cache for all processes, by each one without it.

A process takes its share of the budget in blocks, so that a busy caller costs a call to Redis every now and then and
not at each request; the budget is exact to one block for each process.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import time

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = structlog.get_logger("adapter.budgets")

WINDOW = 60
# A block is this part of a budget, at least one.
BLOCKS = 50
# After a failure of Redis each process counts by itself for so long.
PAUSE = 5.0
MOST_KEYS = 10_000


class _Counts:
    """What this process knows: its unused shares, its own totals without a cache, and when the cache is tried again."""

    lock = threading.Lock()
    left: dict[str, int] = {}
    totals: dict[str, int] = {}
    window = 0
    cache_from = 0.0


def spend(budget: str, who: str, limit: int) -> int:
    """Take one of ``limit`` a minute (0: no limit) for ``who``; 0, or the seconds to wait when nothing is left."""
    if not limit:
        return 0
    moment = time.time()
    window = int(moment // WINDOW)
    key = _key(budget, who, window)
    with _Counts.lock:
        if _Counts.window != window or len(_Counts.left) > MOST_KEYS:
            _Counts.window = window
            _Counts.left.clear()
            _Counts.totals.clear()
        if _Counts.left.get(key, 0) > 0:
            _Counts.left[key] -= 1
            return 0
        if _Counts.left.get(key) == -1:
            return _wait(moment, window)
    block = max(1, limit // BLOCKS)
    taken = _add(key, block)
    with _Counts.lock:
        # The last block may be a part of one.
        granted = min(block, limit - (taken - block))
        _Counts.left[key] = granted - 1 if granted > 0 else -1
        return 0 if granted > 0 else _wait(moment, window)


def forget() -> None:
    """What this process knows is forgotten (tests)."""
    with _Counts.lock:
        _Counts.left.clear()
        _Counts.totals.clear()
        _Counts.cache_from = 0.0


def client_address(request: HttpRequest) -> str:
    """Who calls: the address that the outermost of our ``PROXIES_IN_FRONT`` saw, the connection's without proxies."""
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    trusted = settings.PROXIES_IN_FRONT
    if trusted and len(hops) >= trusted:
        return hops[-trusted][:60]
    return str(request.META.get("REMOTE_ADDR") or "")[:60]


def client_network(request: HttpRequest) -> str:
    """Who calls, as one who cannot choose another address at will: IPv6 gives everybody a network of /64."""
    address = client_address(request)
    try:
        found = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _key(budget: str, who: str, window: int) -> str:
    return f"budget:{budget}:{hashlib.sha256(who.encode('utf-8', 'replace')).hexdigest()[:24]}:{window}"


def _wait(moment: float, window: int) -> int:
    return max(1, int((window + 1) * WINDOW - moment + 0.999))


def _add(key: str, number: int) -> int:
    """Add to the shared total and return it."""
    if time.monotonic() >= _Counts.cache_from:
        try:
            cache.add(key, 0, timeout=WINDOW * 2)
            return int(cache.incr(key, number))
        except (RedisError, ValueError) as error:
            _Counts.cache_from = time.monotonic() + PAUSE
            logger.warning("redis_unavailable", used_for="budgets", error=type(error).__name__)
    with _Counts.lock:
        _Counts.totals[key] = _Counts.totals.get(key, 0) + number
        return _Counts.totals[key]

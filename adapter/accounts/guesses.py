"""Wrong passwords, counted exactly: guesses are rare, and each process must know of those that another one saw."""

from __future__ import annotations

import hashlib
import time
import unicodedata

from django.db.models import F
from django.http import HttpRequest

from adapter.accounts.models import WrongPasswords
from adapter.budgets import client_network

WINDOW = 60


def who_guesses(request: HttpRequest, name: str) -> tuple[str, str]:
    """The name at this network, and the network with every name.

    Names that Django takes for one (it normalises what is typed) are one here, whatever their case.
    """
    network = client_network(request)
    known = unicodedata.normalize("NFKC", name.strip()).strip().casefold()[:150]
    return f"{network}\0{known}", network


def seconds_to_wait(who: str, limit: int) -> int:
    """Seconds until ``who`` may try again; 0 below the ``limit`` of a minute (0: no limit)."""
    moment = time.time()
    minute = int(moment // WINDOW)
    if not limit or not WrongPasswords.objects.filter(key=_key(who, minute), count__gte=limit).exists():
        return 0
    return max(1, int((minute + 1) * WINDOW - moment + 0.999))


def count_wrong(who: str) -> None:
    """One more wrong password of ``who``."""
    minute = int(time.time() // WINDOW)
    key = _key(who, minute)
    # A row of its own for each minute: processes that begin it together lose no guess.
    WrongPasswords.objects.get_or_create(key=key, defaults={"minute": minute, "count": 0})
    WrongPasswords.objects.filter(key=key).update(count=F("count") + 1)


def forget_guesses() -> int:
    """Delete what was counted in minutes that are over; returns how many rows went."""
    return WrongPasswords.objects.filter(minute__lt=int(time.time() // WINDOW)).delete()[0]


def _key(who: str, minute: int) -> str:
    return hashlib.sha256(f"{minute}\0{who}".encode("utf-8", "replace")).hexdigest()

"""Nonces are known to every process, with Redis, without it, and while it is away."""

from __future__ import annotations

import datetime
import hashlib

import pytest

from adapter.shared import ask_redis
from adapter.wcs.models import UsedNonce
from adapter.wcs.nonces import REMEMBERED, prune_nonces, use_nonce

pytestmark = pytest.mark.both_databases

NOW = datetime.datetime(2026, 11, 23, 10, 0, tzinfo=datetime.UTC)


@pytest.mark.django_db
def test_without_redis_the_database_remembers(settings) -> None:
    settings.REDIS_URL = None
    assert use_nonce("a", "1", now=NOW)()
    assert not use_nonce("a", "1", now=NOW)()
    assert use_nonce("b", "1", now=NOW)()
    assert UsedNonce.objects.count() == 2


@pytest.mark.django_db
def test_old_nonces_are_forgotten_once_their_signatures_are_too_old(settings) -> None:
    settings.REDIS_URL = None
    use_nonce("a", "1", now=NOW)()
    assert prune_nonces(NOW + datetime.timedelta(seconds=60)) == 0
    assert prune_nonces(NOW + datetime.timedelta(seconds=66)) == 1


@pytest.mark.django_db
def test_redis_remembers_for_all_processes(redis) -> None:
    assert use_nonce("a", "1", now=NOW)()
    assert not use_nonce("a", "1", now=NOW)()
    assert not UsedNonce.objects.exists()
    key = "nonce:" + hashlib.sha256(b"a\x001").hexdigest()
    assert 0 < ask_redis("tests", "TTL", key) <= REMEMBERED


@pytest.mark.django_db
def test_while_redis_is_away_the_database_remembers(redis) -> None:
    redis.kill()
    assert use_nonce("a", "1", now=NOW)()
    assert not use_nonce("a", "1", now=NOW)()
    assert UsedNonce.objects.count() == 1

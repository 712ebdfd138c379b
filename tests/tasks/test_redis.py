"""Redis restarted or emptied under a running worker: nothing is lost, the schedule goes on by itself."""

from __future__ import annotations

import pytest
import redis as redis_client

from adapter.agendas.models import Booking, BookingState, Callback, CallbackState
from tests.support.celery import eventually
from tests.tasks.scenes import lapsed_lock, owe_a_callback, runs, services

pytestmark = [pytest.mark.servers, pytest.mark.worker]


@pytest.fixture
def url(redis) -> str:
    return f"redis://127.0.0.1:{redis.port}/0"


def test_an_emptied_redis_loses_nothing_and_the_schedule_goes_on(make_worker, slot, wcs, redis, url) -> None:
    worker = make_worker(beat=True, REDIS_URL=url, KNOWN_SERVICES=services(wcs), SCHEDULE_EVERY="1")
    eventually(lambda: runs() >= 1, worker)
    redis_client.Redis.from_url(url).flushall()
    lock, owed = lapsed_lock(slot), owe_a_callback(wcs, slot.replace("0900", "0920"))
    eventually(lambda: Booking.objects.get(pk=lock.pk).state == BookingState.EXPIRED, worker)
    eventually(lambda: Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED, worker)
    assert len(wcs.calls) == 1
    before = runs()
    eventually(lambda: runs() > before + 1, worker)


def test_a_restarted_redis_loses_nothing_and_the_schedule_goes_on(make_worker, slot, wcs, redis, url) -> None:
    worker = make_worker(beat=True, REDIS_URL=url, KNOWN_SERVICES=services(wcs), SCHEDULE_EVERY="1")
    eventually(lambda: runs() >= 1, worker)
    redis.kill()
    lock, owed = lapsed_lock(slot), owe_a_callback(wcs, slot.replace("0900", "0920"))
    redis.start()
    eventually(lambda: Booking.objects.get(pk=lock.pk).state == BookingState.EXPIRED, worker)
    eventually(lambda: Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED, worker)
    assert len(wcs.calls) == 1
    before = runs()
    eventually(lambda: runs() > before + 1, worker)

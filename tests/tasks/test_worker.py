"""A real worker: what runs by itself, and what happens when things are away."""

from __future__ import annotations

import signal

import pytest
from django.conf import settings as django_settings

from adapter.agendas.models import Booking, BookingState, Callback, CallbackState
from adapter.agendas.services import BookingRequest, HoldRequest, confirm, hold
from adapter.agendas.services.callbacks import LEASE
from adapter.clock import now
from tasks import nudging
from tasks.models import TaskRun
from tasks.schedule import PERIODS
from tests.agendas.builders import ALICE
from tests.support.celery import eventually
from tests.support.wcs_double import CALLER
from tests.tasks.scenes import HOUR, lapsed_lock, owe_a_callback, services

pytestmark = [pytest.mark.both_databases, pytest.mark.servers, pytest.mark.worker]


def test_without_redis_one_process_schedules_and_works(make_worker, slot, wcs) -> None:
    lock, owed = lapsed_lock(slot), owe_a_callback(wcs, slot.replace("0900", "0920"))
    worker = make_worker(beat=True, KNOWN_SERVICES=services(wcs), SCHEDULE_EVERY="1")
    eventually(lambda: Booking.objects.get(pk=lock.pk).state == BookingState.EXPIRED, worker)
    eventually(lambda: Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED, worker)
    assert [call.signed_by for call in wcs.calls] == [CALLER]
    eventually(lambda: TaskRun.objects.filter(name="release_expired_locks", failures=0).exists(), worker)
    # The scheduler says when it began, so that nobody is blamed for what was before.
    assert TaskRun.objects.get(name=TaskRun.SCHEDULER).runs == 1


def test_with_redis_a_callback_goes_out_as_soon_as_it_is_owed(
    make_worker, slot, wcs, redis, settings, monkeypatch
) -> None:
    url = f"redis://127.0.0.1:{redis.port}/0"
    # The record is running its workflow when it is called first (wcs-runtime §8.1).
    wcs.answers = [(403, {"err": 1, "err_desc": "Formdata currently processing actions."})]
    worker = make_worker(REDIS_URL=url, KNOWN_SERVICES=services(wcs))
    from tasks.app import app

    monkeypatch.setattr(app.conf, "broker_url", url)
    monkeypatch.setattr(nudging._Pause, "until", 0.0)
    owed = owe_a_callback(wcs, slot)
    eventually(lambda: wcs.calls, worker)
    eventually(lambda: Callback.objects.get(pk=owed.pk).last_status == 403, worker)
    found = Callback.objects.get(pk=owed.pk)
    assert (found.state, found.attempts) == (CallbackState.PENDING, 1)
    # Its time to be tried again comes.
    Callback.objects.update(next_attempt_at=now())
    nudging.deliver_soon()
    eventually(lambda: Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED, worker)


def test_with_redis_down_nothing_fails_and_nothing_is_lost(
    make_worker, slot, wcs, redis, settings, monkeypatch
) -> None:
    url = f"redis://127.0.0.1:{redis.port}/0"
    redis.kill()
    from tasks.app import app

    monkeypatch.setattr(app.conf, "broker_url", url)
    monkeypatch.setattr(nudging._Pause, "until", 0.0)
    lock = lapsed_lock(slot)
    held = hold(HoldRequest("mairie", (slot,), "L"), now=now(), actor=ALICE).lock
    confirm(BookingRequest("mairie", (slot,), "L"), now=now(), actor=ALICE)
    owed = owe_a_callback(wcs, slot.replace("0900", "0920"))
    assert Booking.objects.get(pk=held.pk).state == BookingState.BOOKED
    # The worker starts while Redis is away, and waits for it.
    worker = make_worker(beat=True, REDIS_URL=url, KNOWN_SERVICES=services(wcs), SCHEDULE_EVERY="1")
    eventually(lambda: "Trying again" in worker.log or "ConnectionRefusedError" in worker.log, worker)
    redis.start()
    eventually(lambda: Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED, worker)
    eventually(lambda: Booking.objects.get(pk=lock.pk).state == BookingState.EXPIRED, worker)


def test_a_killed_worker_loses_no_callback(make_worker, slot, wcs) -> None:
    owed = owe_a_callback(wcs, slot)
    # It died after it took the callback and before w.c.s. answered.
    Callback.objects.update(next_attempt_at=now() + LEASE, attempts=1)
    worker = make_worker(beat=True, KNOWN_SERVICES=services(wcs), SCHEDULE_EVERY="1")
    eventually(lambda: TaskRun.objects.filter(name="deliver_callbacks").exists(), worker)
    assert wcs.calls == []
    worker.stop(signal.SIGKILL)
    ahead = str(int(LEASE.total_seconds()) + 5)
    again = make_worker(beat=True, KNOWN_SERVICES=services(wcs), SCHEDULE_EVERY="1", CLOCK_OFFSET=ahead)
    eventually(lambda: Callback.objects.get(pk=owed.pk).state == CallbackState.DELIVERED, again)
    assert Callback.objects.get(pk=owed.pk).attempts == 2


def test_two_workers_share_a_backlog_without_doing_anything_twice(make_worker, slot) -> None:
    day = slot.partition(":")[2][:10]
    starts = [f"{hour:02}{minute:02}" for hour in (9, 10, 11) for minute in (0, 20, 40)]
    for number, start in enumerate(starts * 2):
        hold(HoldRequest("mairie", (f"passeport:{day}-{start}",), f"K{number}"), now=now() - HOUR, actor=ALICE)
    # One scheduler, as everywhere; two that work.
    workers = [make_worker(beat=first, SCHEDULE_EVERY="1") for first in (True, False)]
    eventually(lambda: not Booking.objects.filter(state=BookingState.HELD).exists(), workers[0])
    from adapter.agendas.models import AuditEvent

    assert AuditEvent.objects.filter(code="lock.expired").count() == len(starts) * 2


def test_every_scheduled_task_exists_and_expires() -> None:
    from tasks.app import app

    app.loader.import_default_modules()
    names = {entry["task"].rpartition(".")[2] for entry in app.conf.beat_schedule.values()}
    assert names == PERIODS.keys()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] > 0
    assert django_settings.CELERY_HOME.name == "celery"

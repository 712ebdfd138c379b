"""A rehearsal by a real worker."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.contrib.auth import get_user_model

from adapter.clock import now
from adapter.manager.models import Rehearsal
from adapter.manager.services.rehearsals import start
from adapter.manager.studio.playing import pack_definitions
from tasks.models import TaskRun
from tasks.rehearsing import queue_rehearsal
from tasks.schedule import PERIODS, REHEARSALS, SCHEDULE
from tests.support import celery
from tests.support.celery import eventually
from workflows.definitions import make_kit

pytestmark = [pytest.mark.servers, pytest.mark.worker]


@pytest.fixture
def asked(shared_database) -> Rehearsal:
    """The kit, to be rehearsed."""
    files = make_kit("fr", "", ["Agents"]).files()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in pack_definitions("form-rendez-vous.wcs", ["workflow-rendez-vous.wcs"], files).items():
            archive.writestr(name, content)
    user = get_user_model().objects.create_user("agent")
    return start(user, "session", "Rendez-vous", target.getvalue(), "fr", now=now())


def test_a_worker_plays_what_is_queued(make_worker, redis, asked, monkeypatch) -> None:
    url = f"redis://127.0.0.1:{redis.port}/0"
    worker = make_worker(queues=REHEARSALS, REDIS_URL=url)
    from tasks.app import app

    monkeypatch.setattr(app.conf, "broker_url", url)
    # All journeys are played.
    monkeypatch.setattr(celery, "PATIENCE", 240)
    assert queue_rehearsal(asked.pk)
    ends = (Rehearsal.State.DONE, Rehearsal.State.FAILED)
    eventually(lambda: Rehearsal.objects.get(pk=asked.pk).state in ends, worker)
    asked.refresh_from_db()
    assert asked.state == Rehearsal.State.DONE, worker.log
    assert {journey["verdict"] for journey in asked.report["journeys"]} == {"passed"}
    assert len(asked.report["journeys"]) == 9
    assert bytes(asked.definitions) == b""
    eventually(lambda: TaskRun.objects.filter(name="rehearse", last_result=1).exists(), worker)


def test_a_broker_that_is_down_is_told_at_once(redis, asked, monkeypatch) -> None:
    redis.kill()
    from tasks.app import app

    monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{redis.port}/0")
    assert not queue_rehearsal(asked.pk)


def test_rehearsals_have_a_queue_of_their_own_and_nothing_else_is_in_it() -> None:
    from tasks.app import app
    from tasks.schedule import BY_REHEARSALS

    app.loader.import_default_modules()
    queues: dict[str, set[str]] = {}
    for name in [name for name in app.tasks if name.startswith("tasks.")]:
        queue = app.amqp.router.route({}, name)["queue"].name
        queues.setdefault(queue, set()).add(name.rpartition(".")[2])
    assert queues.pop(REHEARSALS) == {"rehearse", "forget_rehearsals"}
    assert set(queues) == {app.conf.task_default_queue}
    # What tells the doctor that its worker is there.
    assert {"forget_rehearsals"} == BY_REHEARSALS <= set(PERIODS)
    assert any(entry["task"].endswith("forget_rehearsals") for entry in SCHEDULE.values())

"""The Celery app: ``celery -A tasks worker -B`` on one machine, or ``worker`` on many and ``beat`` on one."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging
from django.conf import settings
from django.db import connections

from tasks.brokers import broker_url, transport_options
from tasks.folders import use_folders
from tasks.schedule import REHEARSALS, SCHEDULE

# Seconds for one run; what is left is done by the next one.
SOFT_TIME_LIMIT = 240
TIME_LIMIT = 300

app = Celery("tasks", include=["tasks.jobs", "tasks.rehearsing"])
settings.CELERY_HOME.mkdir(parents=True, exist_ok=True)
use_folders()
app.conf.update(
    broker_url=broker_url(settings.CELERY_BROKER_URL),
    broker_transport_options=transport_options(settings.CELERY_BROKER_URL, settings.CELERY_HOME),
    # A broker that is down is waited for, at the start and later, for ever.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # Redis may be shared: a queue of our own.
    task_default_queue="booking-adapter",
    # Hostile definitions may take their minutes: the worker of callbacks and expiry takes none of this.
    task_routes={"tasks.rehearsing.*": {"queue": REHEARSALS}},
    task_ignore_result=True,
    # A message is done with when its run is: a worker that dies leaves it to another one.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_concurrency=int(os.environ.get("CELERY_CONCURRENCY") or 2),
    worker_cancel_long_running_tasks_on_connection_loss=False,
    task_soft_time_limit=SOFT_TIME_LIMIT,
    task_time_limit=TIME_LIMIT,
    timezone=settings.TIME_ZONE,
    enable_utc=True,
    beat_schedule=SCHEDULE,
    beat_schedule_filename=str(settings.CELERY_HOME / "schedule"),
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)


@beat_init.connect
def note_start(**_: Any) -> None:
    """For who looks whether the schedule runs."""
    # The models are not there before Django is set up.
    from tasks.recording import scheduler_started

    scheduler_started()
    # The scheduler asks the database nothing more.
    connections.close_all()


@setup_logging.connect
def keep_our_logs(**_: Any) -> None:
    """Celery configures no log when somebody listens here: ours are configured by the settings."""

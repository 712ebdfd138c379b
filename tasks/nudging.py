"""Having tasks run at once, without ever making a web request wait or fail: callbacks as soon as they are owed, a
comparison with w.c.s. when somebody asks for it.

A callback is in the database: when the broker does not answer, the schedule finds it within a minute.
"""

from __future__ import annotations

import time
from typing import Any

import structlog

logger = structlog.get_logger("adapter.tasks")

# Seconds.
CONNECT_TIMEOUT = 0.3
ANSWER_TIMEOUT = 0.5
PAUSE_AFTER_FAILURE = 30.0
EXPIRES = 55
# Nobody looks at the page any more after that.
COMPARE_EXPIRES = 900


class _Pause:
    """After a failure nobody waits for the broker again for a while."""

    until = 0.0


def deliver_soon(**_: Any) -> None:
    """Queue a run of ``deliver_callbacks``. Listens to ``callback_owed``; never raises."""
    if time.monotonic() < _Pause.until:
        return
    try:
        _queue()
    except Exception as error:  # whatever a broker's library may raise
        _Pause.until = time.monotonic() + PAUSE_AFTER_FAILURE
        logger.warning("broker_unavailable", error=type(error).__name__)


def compare_soon() -> bool:
    """Queue a comparison with w.c.s.; ``False`` when the broker does not answer."""
    from tasks.jobs import reconcile

    try:
        publish(reconcile, (), expires=COMPARE_EXPIRES)
    except Exception as error:  # whatever a broker's library may raise
        logger.warning("broker_unavailable", error=type(error).__name__)
        return False
    return True


def _queue() -> None:
    from tasks.jobs import deliver_callbacks

    publish(deliver_callbacks, (), expires=EXPIRES)


def publish(task: Any, arguments: tuple[Any, ...], *, expires: float) -> None:
    """Queue a run of ``task``, waiting for the broker no longer than a moment. Raises whatever its library raises."""
    from tasks.app import app

    quick: dict[str, Any] = {"max_retries": 0, "interval_start": 0, "interval_max": 0}
    if app.conf.broker_url.startswith("redis"):
        quick |= {"socket_connect_timeout": CONNECT_TIMEOUT, "socket_timeout": ANSWER_TIMEOUT}
    # A connection of its own: those that Celery keeps are made to wait for the broker.
    with (
        app.connection_for_write(connect_timeout=CONNECT_TIMEOUT, transport_options=quick) as connection,
        app.amqp.Producer(connection) as producer,
    ):
        task.apply_async(arguments, producer=producer, retry=False, expires=expires)

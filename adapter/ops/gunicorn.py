"""Configuration of gunicorn: ``gunicorn -c python:adapter.ops.gunicorn adapter.wsgi``.

Everything may be changed on the command line or by ``GUNICORN_CMD_ARGS``. What is set here is what the adapter needs to
be right (metrics of all processes, logs without personal data, time limits that fit those of w.c.s.).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

bind = os.environ.get("BIND") or "127.0.0.1:8000"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "sync"
# w.c.s. gives up after 28 s: nobody waits for a longer answer.
timeout = 30
graceful_timeout = 30
# Our own line a request says what may be said; gunicorn's would have queries, which carry codes and signatures.
accesslog = None
errorlog = "-"
control_socket_disable = True
# Heartbeats must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Bounds of what a caller may send before Django looks at it.
limit_request_line = 8190
limit_request_fields = 60

# Before anything imports prometheus_client: that is when it looks.
_own_folder = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _own_folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="booking-adapter-metrics-")


def on_starting(server: Any) -> None:
    """Forget the counters of the run before: to Prometheus that is a restart."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


def post_worker_init(worker: Any) -> None:
    """What gunicorn itself says goes through our logs, which hide what they must."""
    for name in ("gunicorn.error", "gunicorn.access"):
        log = logging.getLogger(name)
        log.handlers[:] = []
        log.propagate = True


def child_exit(server: Any, worker: Any) -> None:
    """The counters of a worker that ended stay, its gauges go."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if _own_folder:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)

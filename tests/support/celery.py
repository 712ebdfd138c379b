"""A real Celery worker in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


class Worker:
    """``celery worker``, with the scheduler when ``beat``; its log is ``home/worker.log``."""

    def __init__(self, home: Path, environment: dict[str, str], *, beat: bool = False, queues: str = "") -> None:
        self.home = home
        self.environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "ADAPTER_HOME": str(home)}
        # A worker of an admin finds its settings by itself.
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.beat, self.queues = beat, queues
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it is ready when it takes what is queued."""
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "tasks",
            "worker",
            "--loglevel",
            "INFO",
            "--concurrency",
            "1",
            "--without-gossip",
            "--without-mingle",
            "-n",
            f"test-{os.getpid()}-{id(self)}@localhost",
        ]
        command += ["-Q", self.queues] if self.queues else []
        with (self.home / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *(["-B"] if self.beat else [])],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop it and everything it started; ``SIGKILL`` gives it no chance to tidy up."""
        if self.process is None:
            return
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    @property
    def log(self) -> str:
        """What it said."""
        return (self.home / "worker.log").read_text("utf-8", "replace")


def eventually(condition: Callable[[], object], worker: Worker | None = None) -> None:
    """Wait until ``condition`` holds; fails with the worker's log after a minute, or when the worker has stopped."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        stopped = worker is not None and worker.process is not None and worker.process.poll() is not None
        if stopped or time.monotonic() > deadline:
            raise AssertionError("the condition never held\n" + (worker.log[-3000:] if worker else ""))
        time.sleep(0.05)

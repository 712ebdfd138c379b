"""The adapter as admins run it: gunicorn with our configuration, in processes of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def database_url(config: dict[str, object]) -> str:
    """The address of a database given as Django's settings."""
    if str(config["ENGINE"]).endswith("sqlite3"):
        return f"sqlite:///{config['NAME']}"
    return f"postgres://{config['USER']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


class WebServer:
    """Its log is ``home/web.log``; ``base`` is its address, the same after each :meth:`start`."""

    def __init__(
        self, home: Path, environment: dict[str, str], *, workers: int = 2, application: str = "adapter.wsgi"
    ) -> None:
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.home = home
        self.environment = {
            **os.environ,
            "ADAPTER_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "BASE_URL": f"{self.base}/",
            "BIND": f"127.0.0.1:{port}",
            "WEB_CONCURRENCY": str(workers),
            **environment,
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        self.command = [sys.executable, "-m", "gunicorn", "-c", "python:adapter.ops.gunicorn", application]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.home / "web.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.home, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                log_text = (self.home / "web.log").read_text("utf-8", "replace")
                raise AssertionError("the web server did not start\n" + log_text[-3000:])
            try:
                if requests.get(f"{self.base}/readyz", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)

    def stop(self) -> None:
        """Let it finish what it answers, then insist."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """Kill it with all its processes."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def web_server(
    home: Path, environment: dict[str, str], *, workers: int = 2, application: str = "adapter.wsgi"
) -> Iterator[str]:
    """A server that is ready; gives its address and stops it in the end."""
    server = WebServer(home, environment, workers=workers, application=application)
    try:
        server.start()
        yield server.base
    finally:
        server.stop()

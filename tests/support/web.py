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


@contextlib.contextmanager
def web_server(
    home: Path, environment: dict[str, str], *, workers: int = 2, application: str = "adapter.wsgi"
) -> Iterator[str]:
    """Start it and wait until it is ready; gives its address. Its log is ``home/web.log``."""
    port = free_port()
    values = {
        **os.environ,
        "ADAPTER_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "BASE_URL": f"http://127.0.0.1:{port}/",
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": str(workers),
        **environment,
    }
    values.pop("DJANGO_SETTINGS_MODULE", None)
    values.pop("PROMETHEUS_MULTIPROC_DIR", None)
    command = [sys.executable, "-m", "gunicorn", "-c", "python:adapter.ops.gunicorn", application]
    with (home / "web.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=home, env=values, stdout=log, stderr=log, start_new_session=True)
    base = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the web server did not start\n" + (home / "web.log").read_text("utf-8")[-3000:])
            try:
                if requests.get(f"{base}/readyz", timeout=2).ok:
                    break
            except requests.RequestException:
                time.sleep(0.05)
        yield base
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

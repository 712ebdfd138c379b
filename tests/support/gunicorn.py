"""The adapter as in production: gunicorn with two processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]


class Gunicorn:
    """A running server; ``url`` ends with a slash, ``log`` is what it said."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.file = home / "gunicorn.log"
        command = [sys.executable, "-m", "gunicorn", "adapter.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
        with self.file.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--threads", "4", "--no-control-socket"],
                cwd=ROOT,
                env={**os.environ, "BASE_URL": self.url, "ADAPTER_HOME": str(home), **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return when it answers. Raises with its log when it stops instead."""
        while self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}healthz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                continue
        raise AssertionError(self.log[-3000:])

    def stop(self) -> None:
        """Stop it."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def log(self) -> str:
        """What it said."""
        return self.file.read_text("utf-8", "replace")

"""The second start of the demo, beside the bare start of Python with Django."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from scripts.bench.figures import Figure, median_of, show
from scripts.bench.site import ROOT
from tests.support.servers import free_port

READY = "Ctrl-C stops everything."


def measure() -> Iterator[Figure]:
    """Seconds from the command to the printed addresses."""
    with tempfile.TemporaryDirectory(prefix="adapter-bench-demo-") as home:
        first = _start(home)
        second = median_of(3, lambda: _start(home))
    bare = median_of(3, _bare)
    yield show(Figure("demo, first start", first, "s", "limit", 120, 1.0, at_least=False, note="after the set-up"))
    yield show(Figure("demo, second start", second, "s", "limit", 5, 1.0, at_least=False, note=f"Django: {bare:.1f} s"))


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def _start(home: str) -> float:
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "ADAPTER_HOME": home}
    for name in ("DATABASE_URL", "REDIS_URL", "KNOWN_SERVICES", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "scripts/demo.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        for line in process.stdout:
            if READY in line:
                return time.perf_counter() - began
        raise RuntimeError("the demo did not start")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()

"""``make demo``, as a newcomer starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
# A newcomer has set nothing.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Demo:
    """A running demo: its folder, its addresses, and what it printed when it was ready."""

    home: Path
    adapter: str
    wcs: str
    printed: str


@contextmanager
def running_demo(home: Path) -> Iterator[Demo]:
    """Start it in ``home``; Ctrl-C stops it."""
    port = free_port()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"PORT": str(port), "ADAPTER_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "scripts/demo.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if "started in" in line:
                break
        else:
            raise AssertionError(f"the demo did not start\n{printed}")
        yield Demo(home, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", printed)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout.close()

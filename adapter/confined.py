"""A program in a process of its own, for what strangers send: with little time, memory and knowledge.

It gets no secret and no setting of ours, and is ended with all that it started when its time is over.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What the process needs to run at all; nothing else of ours, above all no secret.
KEPT = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")
ERRORS = "errors.log"


class OutOfTime(Exception):
    """The program did not end within its seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` in all, and of ``processor`` time of one process; ``memory`` and ``file`` size in bytes.

    ``stop`` is how many seconds it has to end by itself after that.
    """

    seconds: float
    processor: int
    memory: int
    file: int = 64 * 1024**2
    stop: float = 0


def run_confined(command: Sequence[str], folder: Path, limits: Limits, *, given: bytes = b"") -> bytes:
    """What ``command`` writes when it reads ``given``; ``folder`` is its home, and keeps its errors.

    Raises :class:`OutOfTime`.
    """
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(folder), "TMPDIR": str(folder)}
    # Files on both sides: no pipe fills, and what is written is bounded by the size of a file.
    with (
        (folder / ERRORS).open("wb") as errors,
        tempfile.TemporaryFile(dir=folder) as source,
        tempfile.TemporaryFile(dir=folder) as output,
    ):
        source.write(given)
        source.seek(0)
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=source,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            preexec_fn=_limiting(limits),  # noqa: PLW1509
        )
        try:
            process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            raise OutOfTime from None
        finally:
            _stop(process, limits.stop)
        output.seek(0)
        return output.read()


def last_error(folder: Path) -> str:
    """The last line of what the program in ``folder`` wrote of its errors; empty when there is none."""
    lines = (folder / ERRORS).read_text("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else ""


def _stop(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Interrupt it, so that it ends what it started; insist when it does not listen."""
    if process.poll() is None and seconds:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _limiting(limits: Limits) -> Callable[[], None]:
    def limit() -> None:
        for name, most in (
            (resource.RLIMIT_CPU, limits.processor),
            (resource.RLIMIT_AS, limits.memory),
            (resource.RLIMIT_FSIZE, limits.file),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(name, (most, most))

    return limit

"""The adapter that a rehearsal plays against: a throw-away one in a process of its own, or one that runs already."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from .site import Site

ORIG, ADAPTER_ORIG, KEY = "demarches.rehearsal", "agendas.rehearsal", "rehearsal-key"


class AdapterFailed(Exception):
    """The adapter does not start, or refuses what it was told; the message says why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotPossible(Exception):
    """The adapter at hand cannot be told to do that."""


class Adapter(Protocol):
    """What journeys need. `url` has its final slash; `orig` is what w.c.s. calls itself, `key` the shared secret."""

    url: str
    orig: str
    adapter_orig: str
    key: str

    def attach(self, site: Site) -> None:
        """The site that calls it."""

    def can(self, do: str) -> bool:
        """Whether it can be told to do that."""

    def tell(self, do: str, **values: Any) -> dict[str, Any]:
        """Have something done (see `adapter.ops.rehearsal`). Raises `AdapterFailed`, `NotPossible`."""

    def clean(self) -> None:
        """Undo what a journey left behind, where somebody else uses the adapter too."""


@dataclass
class ThrowAwayAdapter:
    """`with ThrowAwayAdapter(wcs_url) as adapter`: an adapter with the demo's agendas on an empty database.

    `database_url` is an empty database, by default a SQLite file that goes with it. `redis_url` may lead nowhere.
    """

    wcs_url: str
    database_url: str = ""
    redis_url: str = ""
    port: int = 0
    orig: str = ORIG
    adapter_orig: str = ADAPTER_ORIG
    key: str = KEY
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)
    _home: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        self._home = tempfile.mkdtemp(prefix="rehearsal-")
        command = [sys.executable, "-m", "django", "rehearsal_adapter", "--port", str(self.port)]
        errors = Path(self._home) / "errors.log"
        with errors.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        try:
            self._read()
        except AdapterFailed:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is not None:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def attach(self, site: Site) -> None:
        """It needs nothing of the site."""

    def can(self, do: str) -> bool:
        """All of it."""
        return True

    def clean(self) -> None:
        """Nothing: it is thrown away."""

    def _environment(self) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")
        service = {
            "title": "w.c.s.",
            "url": self.wcs_url,
            "orig": self.adapter_orig,
            "secret": self.key,
            "verif_orig": self.orig,
        }
        root = str(Path(__file__).resolve().parents[2])
        return {name: os.environ[name] for name in kept if name in os.environ} | {
            "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
            "DJANGO_SETTINGS_MODULE": "adapter.settings",
            "REHEARSAL": "1",
            "SECRET_KEY": "only-for-a-rehearsal-" + "x" * 40,
            "ADAPTER_HOME": self._home,
            "BASE_URL": self.url,
            "KNOWN_SERVICES": json.dumps({"wcs": {"demarches": service}}),
            "LOG_LEVEL": "ERROR",
            **({"DATABASE_URL": self.database_url} if self.database_url else {}),
            **({"REDIS_URL": self.redis_url} if self.redis_url else {}),
        }

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process and self._process.stdout else ""
        if not line:
            log = Path(self._home) / "errors.log"
            tail = log.read_text("utf-8", "replace").strip().splitlines()[-5:] if log.exists() else []
            raise AdapterFailed("The adapter stopped. " + " / ".join(tail))
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, do: str, **values: Any) -> dict[str, Any]:
        """Have something done. Raises `AdapterFailed` with the code of the refusal."""
        if self._process is None or self._process.stdin is None:
            raise AdapterFailed("The adapter is not running.")
        try:
            self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass
        answer = self._read()
        if "error" in answer:
            raise AdapterFailed(f"{answer['error']}: {answer.get('detail', '')}", str(answer["error"]))
        return answer


# Below what systems give to outgoing connections, one of which could have a port a moment later.
LISTENING = range(20_000, 32_000)


def free_port() -> int:
    """A port of the loopback address that nobody listens on, by chance."""
    while True:
        port = LISTENING.start + secrets.randbelow(len(LISTENING))
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

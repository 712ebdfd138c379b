"""A throw-away PostgreSQL server."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from tests.support.servers import Server, as_user

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=64MB -c max_connections=200"


class PostgresMissing(Exception):
    """The server's programs are not installed."""


def programs() -> Path:
    """The folder of ``initdb`` and ``pg_ctl``: of the newest version, or of ``POSTGRES_VERSION`` and no other."""
    version = os.environ.get("POSTGRES_VERSION")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and version in (None, "", folder.parent.name):
            return folder
    if version:
        raise PostgresMissing(f"PostgreSQL {version} is not installed")
    found = shutil.which("initdb")
    if found is None:
        raise PostgresMissing("PostgreSQL is not installed")
    return Path(found).resolve().parent


class PostgresServer(Server):
    """PostgreSQL with its data in a temporary directory; ``options`` are given to the server."""

    def __init__(self, options: str = FAST) -> None:
        self.folder = programs()
        super().__init__("adapter-postgres-")
        self.options = options
        self.prefix = as_user("postgres", self.home)
        if self.prefix:
            shutil.chown(self.home, "postgres", "postgres")
        self.home.chmod(0o711)

    def start(self) -> str:
        """Start it; returns its ``postgres://`` address."""
        data = self.home / "data"
        if not data.exists():
            self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        options = f"-k {self.home} -p {self.port} -c listen_addresses=127.0.0.1 {self.options}"
        self._run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(self.home / "log"), "-o", options, "start")
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def halt(self) -> None:
        """Stop it at once, as a crash would; :meth:`start` brings it back with what was committed."""
        self._run("pg_ctl", "-D", str(self.home / "data"), "-m", "immediate", "-w", "stop")

    def kill(self, pids: Iterable[int]) -> None:
        """Kill its processes ``pids`` the hard way and wait until they are gone; :meth:`start` brings it back."""
        waiting = set(pids)
        for pid in waiting:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(_runs(pid) for pid in waiting):
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """Its first process, of which all others are children."""
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Stop it at once and remove its data."""
        self.halt()
        self.clean()

    def _run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        command = [*self.prefix, str(self.folder / program), *arguments]
        with (self.home / f"{program}.out").open("ab") as output:
            subprocess.run(command, check=True, stdout=output, stderr=output, cwd=self.home, env=environment)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def postgres_server() -> PostgresServer:
    """A server that is not started yet. Raises :class:`PostgresMissing`."""
    return PostgresServer()

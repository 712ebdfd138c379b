"""A throw-away PgBouncer, set up as the example in ``deploy/`` says."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.servers import Server, as_user

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy/pgbouncer/pgbouncer.ini"
PROGRAM = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))


class PgBouncerMissing(Exception):
    """``pgbouncer`` is not installed."""


class PgBouncer(Server):
    """In front of the PostgreSQL server at ``url``, whose databases it offers under their own names."""

    def __init__(self, url: str) -> None:
        if PROGRAM is None:
            raise PgBouncerMissing("PgBouncer is not installed")
        # Not below the folder of pytest, which other users may not enter.
        super().__init__("adapter-pgbouncer-")
        behind = urlsplit(url)
        text = EXAMPLE.read_text("utf-8")
        own = f"listen_port = {self.port}\nunix_socket_dir =\nlogfile = {self.home}/pgbouncer.log"
        for before, after in (
            (
                "booking_adapter = host=127.0.0.1 port=5432 dbname=booking_adapter",
                f"* = host=127.0.0.1 port={behind.port}",
            ),
            ("listen_port = 6432", own),
            ("auth_type = scram-sha-256", "auth_type = trust"),
            ("/etc/pgbouncer/userlist.txt", str(self.home / "userlist.txt")),
        ):
            if before not in text:
                raise AssertionError(f"the example has no {before!r} any more")
            text = text.replace(before, after)
        (self.home / "userlist.txt").write_text('"postgres" ""\n', "utf-8")
        (self.home / "pgbouncer.ini").write_text(text, "utf-8")
        self.url = url.replace(f":{behind.port}/", f":{self.port}/")

    def start(self) -> str:
        """Start it and wait until it listens; returns the address to connect to."""
        prefix = as_user("postgres", self.home)
        if prefix:
            for path in [self.home, *self.home.iterdir()]:
                shutil.chown(path, "postgres")
        command = [*prefix, str(PROGRAM), str(self.home / "pgbouncer.ini")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self.url
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("pgbouncer did not start")

    def stop(self) -> None:
        """Stop it and remove its directory."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None
        self.clean()

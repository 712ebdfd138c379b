"""Throw-away servers on free ports of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from workflows.rehearsal.adapter import free_port


def as_user(name: str, home: Path) -> list[str]:
    """What to put before a command that refuses to run as root; nothing for other users."""
    if os.getuid() != 0:
        return []
    pwd.getpwnam(name)
    return ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--inh-caps=-all", "env", f"HOME={home}"]


class Server:
    """A server in a temporary directory of its own."""

    def __init__(self, prefix: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix=prefix))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def clean(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.home, ignore_errors=True)

"""Peers run from virtual environments of their own, outside the project's dependencies."""

from __future__ import annotations

import os
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

import psycopg

from scripts.bench.site import ROOT, Server

KEPT = ROOT / "var" / "bench"
# The sites of peers: each is run by the Python of its own environment, which knows nothing of ours.
SITES = Path(__file__).parent


class PeerMissing(Exception):
    """It cannot be installed here."""


def installed(name: str, requirements: tuple[str, ...]) -> Path:
    """The Python of the peer's environment below ``var/bench``, made once for these versions."""
    folder = KEPT / name
    python, stamp = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Installing {' '.join(requirements)} in {folder.relative_to(ROOT)}…", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
        raise PeerMissing(f"{name} cannot be installed")
    stamp.write_text(wanted)
    return python


class Peer:
    """A site that runs, until the ``with`` statement ends."""

    server: Server

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()


def empty_database(server_url: str, name: str) -> SplitResult:
    """The address of a new database ``name`` on our server of PostgreSQL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return urlsplit(server_url)._replace(path=f"/{name}")


def words_of(python: Path, script: str, environment: Mapping[str, str]) -> list[str]:
    """What ``script`` of ``SITES``, which makes tables and data, prints in the end. Raises :class:`PeerMissing`."""
    # Not our packages: only the sites themselves.
    clean = {**os.environ, **environment, "PYTHONPATH": str(SITES)}
    made = subprocess.run([str(python), str(SITES / script)], env=clean, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PeerMissing(f"{script} cannot be set up: {made.stderr[-500:]}")
    return made.stdout.split()

"""Peers run from virtual environments of their own, outside the project's dependencies."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

from scripts.bench.site import ROOT

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
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise PeerMissing(f"{name} cannot be installed")
    stamp.write_text(wanted)
    return python

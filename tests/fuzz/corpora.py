"""The kept inputs."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def files(kind: str) -> list[Path]:
    """All of one kind, never none."""
    found = sorted((FOLDER / kind).iterdir())
    assert found, kind
    return found


def lines(kind: str) -> list[str]:
    """Each line of each file of one kind."""
    return [line for file in files(kind) for line in file.read_text("utf-8").split("\n")]

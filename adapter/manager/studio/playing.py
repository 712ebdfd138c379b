"""One rehearsal in a process of its own: a stranger's templates run there, with little time, memory and knowledge."""

from __future__ import annotations

import io
import json
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapter.confined import Limits, OutOfTime, last_error, run_confined

TIME_LIMIT = 180
LIMITS = Limits(seconds=TIME_LIMIT, processor=120, memory=3 * 1024**3, stop=15)
LONGEST_PAGE = 4_000_000
FOLDERS = FORM, WORKFLOW, OTHER = ("form", "workflow", "other")


@dataclass(frozen=True, slots=True)
class Played:
    """The report as data (without the calls), and as a page that has everything."""

    report: dict[str, Any]
    page: str


class NotPlayed(Exception):
    """``code``: ``timeout``, or ``refused`` when the definitions cannot be played at all (``detail`` says why)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


def pack_definitions(form: str, workflows: Sequence[str], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """``files`` by the names that :func:`play_definitions` wants: what each is stands before its name."""
    return {f"{_folder(name, form, workflows)}/{name}": content for name, content in files.items()}


def _folder(name: str, form: str, workflows: Sequence[str]) -> str:
    return FORM if name == form else WORKFLOW if name in workflows else OTHER


def play_definitions(
    definitions: bytes, language: str, *, journeys: Sequence[str] = (), time_limit: float = TIME_LIMIT
) -> Played:
    """Play the zip of :func:`pack_definitions` against a throw-away adapter. Raises :class:`NotPlayed`.

    Nothing but that adapter and the stand-in is called, whatever the definitions say; all files go when it ends.
    """
    with tempfile.TemporaryDirectory(prefix="studio-") as home:
        folder = Path(home)
        given = _unpack(definitions, folder)
        page = folder / "report.html"
        command = [sys.executable, "-m", "workflows", "rehearse", "--confined", "--json", "--language", language]
        command += ["--html", str(page), *given, *(f"--journey={name}" for name in journeys)]
        try:
            output = run_confined(command, folder, replace(LIMITS, seconds=time_limit))
        except OutOfTime:
            raise NotPlayed("timeout") from None
        try:
            report = json.loads(output)
        except ValueError:
            raise NotPlayed("refused", last_error(folder)) from None
        for journey in report["journeys"]:
            # The page has them.
            journey.pop("calls", None)
        text = page.read_text("utf-8") if page.exists() else ""
        return Played(report, text if len(text) <= LONGEST_PAGE else "")


def _unpack(definitions: bytes, folder: Path) -> list[str]:
    options = {FORM: "--form", WORKFLOW: "--workflow", OTHER: "--with"}
    given = []
    with zipfile.ZipFile(io.BytesIO(definitions)) as archive:
        for name in archive.namelist():
            kind, _slash, last = name.partition("/")
            path = folder / kind / Path(last).name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(archive.read(name))
            given += [options[kind], str(path)]
    return given

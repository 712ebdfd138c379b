"""The examination of dropped files in a process of its own, so that hostile ones never hold or break a web process.

``python -m adapter.manager.studio.examining`` is that process: it reads and writes JSON and knows no setting.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from adapter.confined import Limits, OutOfTime, last_error, run_confined
from adapter.manager.studio.diff import FileDiff, Row
from adapter.manager.studio.upgrades import Fields, FormUpgrade, upgrade_forms
from adapter.manager.studio.uploads import read_definitions
from workflows.checker import Finding, check_library
from workflows.languages import Language
from workflows.upgrader import Upgrade
from workflows.upgrader.result import Change, Settings

logger = structlog.get_logger("adapter.studio")

LIMITS = Limits(seconds=12, processor=8, memory=1024**3, file=24 * 1024**2)
# Rows of a page; the command shows all.
MOST_FINDINGS = 1000
# Characters of one text on the page: some quote what stands in the files.
LONGEST_TEXT = 2000


class NotExamined(Exception):
    """``code``: ``too-long``, ``busy`` (another examination is going on) or ``broken``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Examination:
    """What the checker finds (``errors`` and ``warnings`` count all of it), and what would make each form bookable."""

    findings: list[Finding] = field(default_factory=list)
    errors: int = 0
    warnings: int = 0
    upgrades: list[FormUpgrade] = field(default_factory=list)


def examine(files: Mapping[str, bytes], fields: Fields, language: Language) -> Examination:
    """Check definitions by name and try to upgrade them, one examination at a time. Raises :class:`NotExamined`."""
    asked = {"files": _packed(files), "fields": asdict(fields), "language": language}
    command = [sys.executable, "-m", "adapter.manager.studio.examining"]
    with _alone(), tempfile.TemporaryDirectory(prefix="examine-") as home:
        try:
            answer = json.loads(run_confined(command, Path(home), LIMITS, given=json.dumps(asked).encode()))
        except OutOfTime:
            raise NotExamined("too-long") from None
        except ValueError:
            # Ended by one of the other limits, most of all that of processor time, or by a fault of ours. Only the kind
            # of an error is kept: its words may quote the files.
            logger.warning("examination_broke", error=last_error(Path(home)).partition(":")[0])
            raise NotExamined("broken") from None
    return _read(answer)


@contextmanager
def _alone() -> Iterator[None]:
    """Others are refused meanwhile: whatever is dropped, one web process waits at the most."""
    path = Path(settings.ADAPTER_HOME) / "examining.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise NotExamined("busy") from None
    try:
        yield
    finally:
        os.close(handle)


def work(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The examination itself, from and to what JSON can hold."""
    dropped = read_definitions(_unpacked(asked["files"]))
    findings = check_library(dropped.library, language=asked["language"])
    upgrades = upgrade_forms(dropped.documents, Fields(**asked["fields"]), asked["language"])
    return {
        "findings": [_short(asdict(finding)) for finding in findings[:MOST_FINDINGS]],
        "errors": sum(finding.severity == "error" for finding in findings),
        "warnings": sum(finding.severity == "warning" for finding in findings),
        "upgrades": [_written(upgrade) for upgrade in upgrades],
    }


def _written(form: FormUpgrade) -> dict[str, Any]:
    upgrade = form.upgrade
    return {
        "name": form.name[:LONGEST_TEXT],
        "status": form.status,
        "upgrade": upgrade
        and {
            "status": upgrade.status,
            "reason": upgrade.reason[:LONGEST_TEXT],
            "changes": [_short(asdict(change)) for change in upgrade.changes[:MOST_FINDINGS]],
            "notes": [note[:LONGEST_TEXT] for note in upgrade.notes[:MOST_FINDINGS]],
            "settings": _short(asdict(upgrade.settings)),
            "files": _packed(upgrade.files),
        },
        "diffs": [asdict(diff) for diff in form.diffs],
        "to_rehearse": _packed(form.to_rehearse),
    }


def _short(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in values.items()}


def _read(answer: Mapping[str, Any]) -> Examination:
    return Examination(
        [Finding(**found) for found in answer["findings"]],
        answer["errors"],
        answer["warnings"],
        [_form(found) for found in answer["upgrades"]],
    )


def _form(found: Mapping[str, Any]) -> FormUpgrade:
    written = found["upgrade"]
    upgrade = written and Upgrade(
        written["status"],
        written["reason"],
        changes=[Change(**change) for change in written["changes"]],
        settings=Settings(**written["settings"]),
        files=_unpacked(written["files"]),
        notes=written["notes"],
    )
    diffs = [
        FileDiff(diff["name"], diff["is_new"], [Row(**row) for row in diff["rows"]], diff["cut"])
        for diff in found["diffs"]
    ]
    return FormUpgrade(found["name"], found["status"], upgrade, diffs, _unpacked(found["to_rehearse"]))


def _packed(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}


def _unpacked(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(content) for name, content in files.items()}


def main() -> None:
    """Read what is asked, write the answer."""
    sys.stdout.write(json.dumps(work(json.load(sys.stdin))))


if __name__ == "__main__":
    main()

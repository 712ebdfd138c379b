"""`wcs check`: how much XML a second, beside the bare parser on the same files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.bench.figures import Figure, median_of, show
from scripts.bench.site import ROOT

ROUNDS = 3


def measure() -> Iterator[Figure]:
    """On the real exports when their folder is there, else on nothing: then it says so."""
    folder = Path(os.environ.get("WCS_EXPORTS") or ROOT.parent / "shared" / "wcs-exports")
    if not folder.is_dir():
        print("*** No folder of real exports (WCS_EXPORTS): wcs check is not measured.", flush=True)
        return
    from lxml import etree

    from workflows.checker import check

    files = [path for path in sorted(folder.rglob("*")) if path.suffix in (".wcs", ".xml")]
    size = sum(path.stat().st_size for path in files) / 1e6

    def timed(work: object) -> float:
        began = time.perf_counter()
        work()  # type: ignore[operator]
        return size / (time.perf_counter() - began)

    parser = median_of(ROUNDS, lambda: timed(lambda: [etree.parse(str(path)) for path in files]))
    ours = median_of(ROUNDS, lambda: timed(lambda: check(files)))
    note = f"{len(files)} files, {size:.1f} MB; target 5 MB/s"
    yield show(Figure("wcs check", ours, "MB/s", "bare lxml parser", parser, note=note))
    yield show(Figure("wcs check, against its target", ours, "MB/s", "target", 5.0, 1.0))

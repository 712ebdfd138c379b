"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from tasks import nudging

hypothesis.settings.register_profile("project", deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("project")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(autouse=True)
def _nothing_is_queued(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches for a broker unless it runs a worker (marked ``worker``)."""
    if request.node.get_closest_marker("worker") is None:
        monkeypatch.setattr(nudging, "_queue", lambda: None)


@pytest.fixture(scope="session")
def wcs_exports() -> Path:
    """The folder of real exports; tests that need it are skipped where it is not there."""
    folder = Path(os.environ.get("WCS_EXPORTS", Path(__file__).resolve().parents[2] / "shared" / "wcs-exports"))
    if not folder.is_dir():
        pytest.skip("the folder of real exports is not there")
    return folder

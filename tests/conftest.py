"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("project", deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("project")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def wcs_exports() -> Path:
    """The folder of real exports; tests that need it are skipped where it is not there."""
    folder = Path(os.environ.get("WCS_EXPORTS", Path(__file__).resolve().parents[2] / "shared" / "wcs-exports"))
    if not folder.is_dir():
        pytest.skip("the folder of real exports is not there")
    return folder

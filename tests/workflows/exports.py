"""Real exports, when they are at hand: beside the checkout, or where WCS_EXPORTS says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EXPORTS = Path(os.environ.get("WCS_EXPORTS") or Path(__file__).parents[3] / "shared" / "wcs-exports")
FILES = sorted(path for path in EXPORTS.rglob("*.wcs")) if EXPORTS.is_dir() else []
needs_exports = pytest.mark.skipif(not FILES, reason="the real exports are not at hand")

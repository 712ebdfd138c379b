"""Slots are computed anew in each test: what an earlier one left in memory would hide an error."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("adapter.agendas.slots."):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()

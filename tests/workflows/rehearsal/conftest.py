"""A double of the adapter for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .double import Double


@pytest.fixture
def double() -> Iterator[Double]:
    """Listens, and answers 404 until it is told otherwise."""
    with Double() as running:
        yield running

"""What the broker is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.app import TIME_LIMIT, app
from tasks.brokers import transport_options

pytestmark = pytest.mark.once


def test_no_run_is_given_to_a_second_worker_while_the_first_still_works() -> None:
    app.loader.import_default_modules()
    longest = max(task.time_limit or TIME_LIMIT for task in app.tasks.values())
    assert transport_options("redis://127.0.0.1/0", Path())["visibility_timeout"] > longest

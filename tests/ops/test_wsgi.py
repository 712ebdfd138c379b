"""What the web process does at the begin and at the end of each call."""

from __future__ import annotations

import os
import subprocess
import sys

NAMES = """
from django.core import signals
import adapter.wsgi
for signal in (signals.request_started, signals.request_finished):
    print(*sorted(receiver.__name__ for receiver in signal._live_receivers(None)[0]))
"""


def test_connections_are_looked_at_once_a_call_when_it_is_over() -> None:
    """A receiver that Django adds is seen here, and one that it drops as well."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "adapter.settings"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NAMES], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert told.split("\n") == ["", "close_old_connections reset_urlconf write_refused", ""]

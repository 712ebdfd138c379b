"""What the web process does at the begin and at the end of each call."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.servers

# Each look at a connection, each emptied list of queries and each closed cache is noted while one call is answered.
CALL = """
from wsgiref.util import setup_testing_defaults

import django.core.cache
from django.core.cache.backends.base import BaseCache
from django.db import connection
from django.urls import get_urlconf, set_urlconf

import adapter.wsgi

seen = []
connection.close_if_unusable_or_obsolete = lambda: seen.append("looked at the connection")
connection.queries_log.append("a query")
BaseCache.close = lambda self, **_: seen.append("closed a cache")
django.core.cache.cache.get("a cache is open")
set_urlconf("adapter.api.urls")
environ = {}
setup_testing_defaults(environ)
answer = adapter.wsgi.application({**environ, "PATH_INFO": "/healthz"}, lambda status, headers: seen.append(status))
body = b"".join(answer)
answer.close()
print(*seen, len(connection.queries_log), get_urlconf(), sep="\\n")
"""


def test_connections_are_looked_at_once_a_call_when_it_is_over() -> None:
    """Lists of queries and caches are left alone; what Django adds to each call, and what it drops, is seen here."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "adapter.settings", "ALLOWED_HOSTS": "127.0.0.1"}
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CALL], env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said == ["200 OK", "looked at the connection", "1", "None"]

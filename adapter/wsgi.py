"""WSGI entry point (``gunicorn adapter.wsgi``)."""

import gc
import os

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.urls import get_resolver

from adapter.charsets import KnownCharsets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
application = KnownCharsets(get_wsgi_application())

# Once a call, when it is over, is enough to look at connections (see adapter/postgresql), not three times: nothing of
# ours uses them before the next one begins. Lists of queries are kept for debugging only, and our caches have nothing
# to close.
for signal, receiver in (
    (request_started, close_old_connections),
    (request_started, reset_queries),
    (request_finished, close_caches),
):
    signal.disconnect(receiver)

# Addresses and views are there before the first call, which would wait for them otherwise.
assert get_resolver().url_patterns and get_resolver("adapter.api.urls").url_patterns
# A list of slots makes thousands of small objects: the garbage collector need not look at some hundred thousand others,
# which stay for ever, each time.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)

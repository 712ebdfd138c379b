"""WSGI entry point (``gunicorn adapter.wsgi``)."""

import gc
import os

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
application = get_wsgi_application()

# Django looks at each connection to the database four times a call. Once, when the call is over, is enough: nothing happens
# to them before the next one begins. No list of queries is kept here, and our caches have nothing to close.
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

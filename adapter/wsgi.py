"""WSGI entry point (``gunicorn adapter.wsgi``)."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
application = get_wsgi_application()

# Addresses and views are there before the first call, which would wait for them otherwise.
assert get_resolver().url_patterns and get_resolver("adapter.api.urls").url_patterns
# A list of slots makes thousands of small objects: the garbage collector need not look at some hundred thousand others,
# which stay for ever, each time.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)

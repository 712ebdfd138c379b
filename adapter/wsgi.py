"""WSGI entry point (``gunicorn adapter.wsgi``)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
application = get_wsgi_application()

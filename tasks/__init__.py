"""Celery: what runs by itself. Tasks are thin: they call services.

``celery -A tasks worker`` and ``celery -A tasks beat`` find the Celery app here; nothing else loads it, so that
web processes and commands start without it.
"""

import os
from typing import Any


def __getattr__(name: str) -> Any:
    """The Celery app, when somebody asks for it."""
    if name == "celery":
        # Nobody else has said which settings when the worker starts.
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
        from tasks.app import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Structured logs without personal data: see ``adapter.ops.scrubbing`` for what is taken out, whoever writes it."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

from adapter.ops.scrubbing import scrub, traceback_lines

# What our own code writes about itself, never about a person.
OURS = frozenset({"event", "level", "logger", "timestamp", "traceback"})
# Celery's sentence quotes the error and the arguments of the task.
CELERY = "celery.app.trace"


def configure_logging(*, level: str, json: bool) -> None:
    """Send every log to standard error, as JSON lines or as readable lines."""
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ImproperlyConfigured(f"LOG_LEVEL: {level!r} is not a log level.")
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            _wrapped,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _place_of_error,
                _scrubbed,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    # Django logs each 4xx as a warning with its whole path: query strings carry lock codes and signatures.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("django.security").setLevel(logging.ERROR)


def _wrapped(logger: Any, method: str, event: structlog.types.EventDict) -> tuple[tuple[Any], dict[str, Any]]:
    """As structlog does it, with the error also where other handlers of logging look for it (reports of errors)."""
    found = event.get("exc_info")
    arguments, keywords = structlog.stdlib.ProcessorFormatter.wrap_for_formatter(logger, method, event)
    return arguments, {**keywords, "exc_info": found} if found else keywords


def _place_of_error(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Where the error was raised instead of its words: those may be names, addresses and lock codes."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[1] is not None:
        event["traceback"] = " <- ".join(reversed(traceback_lines(found[1], found[2])))
        if event.get("logger") == CELERY:
            event["event"] = "task_failed"
    return event


def _scrubbed(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return {name: scrub(value, "" if name in OURS else name) for name, value in event.items()}

"""Structured logs, without personal data: a lock code never appears in clear (see ``adapter.agendas.privacy``)."""

from __future__ import annotations

import logging

import structlog
from django.core.exceptions import ImproperlyConfigured


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
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Tracebacks without the values of variables: those would be names, addresses and lock codes.
    renderers: list[structlog.types.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    # Django logs each 4xx as a warning with its whole path: query strings carry lock codes and signatures.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("django.security").setLevel(logging.ERROR)

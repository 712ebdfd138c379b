"""Reports of errors to Sentry, with everything taken out that could be personal or secret."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from adapter.ops.scrubbing import SPEAKING, scrub, scrub_text

# What a report may tell of a request.
REQUEST_KEYS = ("method", "url")
# Parts of a report that describe the program, not who used it.
KEPT = frozenset(
    {
        *("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "server_name", "sdk"),
        *("modules", "transaction", "exception", "logentry", "message", "request", "tags", "contexts", "type"),
        "fingerprint",
    }
)
CONTEXTS = ("runtime", "os", "trace")


def start_sentry(dsn: str, *, environment: str, release: str) -> None:
    """Report unhandled errors and logged ones to ``dsn``. Raises ``ImproperlyConfigured`` without the package."""
    try:
        import sentry_sdk
        from sentry_sdk.integrations.celery import CeleryIntegration
        from sentry_sdk.integrations.django import DjangoIntegration
        from sentry_sdk.integrations.logging import LoggingIntegration
        from sentry_sdk.utils import BadDsn
    except ImportError as error:
        raise ImproperlyConfigured(
            f"SENTRY_DSN: install the extra 'sentry' of this package first ({error.name} is missing)."
        ) from None
    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment,
            release=release,
            integrations=[DjangoIntegration(), CeleryIntegration(), LoggingIntegration()],
            default_integrations=True,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            traces_sample_rate=0.0,
            before_send=cleaned,
        )
    except BadDsn as error:
        raise ImproperlyConfigured(f"SENTRY_DSN: {error}") from None


def cleaned(event: Any, _hint: Any = None) -> Any:
    """The report without its user, body, query, cookies and headers; errors keep type and place, few their words."""
    report = {name: value for name, value in event.items() if name in KEPT}
    request = report.get("request") or {}
    if request:
        report["request"] = {
            name: scrub_text(str(request[name]).partition("?")[0]) for name in REQUEST_KEYS if name in request
        }
    for value in (report.get("exception") or {}).get("values", []):
        value["value"] = scrub_text(str(value.get("value", ""))) if value.get("type") in SPEAKING else ""
        for frame in (value.get("stacktrace") or {}).get("frames", []):
            for name in ("vars", "context_line", "pre_context", "post_context"):
                frame.pop(name, None)
    # The sentence with its place-holders; what stood in them stays here.
    entry = report.get("logentry")
    if entry:
        report["logentry"] = {"message": scrub_text(str(entry.get("message", "")))}
    report["contexts"] = {name: value for name, value in (report.get("contexts") or {}).items() if name in CONTEXTS}
    for name in ("message", "transaction"):
        if name in report:
            report[name] = scrub_text(str(report[name]))
    report["tags"] = scrub(report.get("tags") or {})
    return report

"""Django's description of the app, and what starts with the process when settings ask for it."""

from importlib.metadata import PackageNotFoundError, version

from django.apps import AppConfig
from django.conf import settings

SERVICE = "booking-adapter"


class OpsConfig(AppConfig):
    """Operations."""

    name = "adapter.ops"
    label = "ops"

    def ready(self) -> None:
        """Count outcomes; report errors and trace when the settings say where to."""
        from adapter.agendas.services.outcomes import outcome_known
        from adapter.api.budgets import call_limited
        from adapter.ops.request_metrics import count_limited, count_outcome
        from adapter.ops.telemetry.sentry import start_sentry
        from adapter.ops.telemetry.tracing import start_tracing

        outcome_known.connect(count_outcome, dispatch_uid="adapter.ops.count_outcome")
        call_limited.connect(count_limited, dispatch_uid="adapter.ops.count_limited")
        if settings.SENTRY_DSN:
            start_sentry(settings.SENTRY_DSN, environment=settings.ENVIRONMENT_NAME, release=release())
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            start_tracing(settings.OTEL_EXPORTER_OTLP_ENDPOINT, service=SERVICE, release=release())


def release() -> str:
    """The installed version; ``0`` in a tree that was never installed."""
    try:
        return version("wcs-booking-adapter")
    except PackageNotFoundError:
        return "0"

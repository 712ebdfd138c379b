"""Django's description of the app."""

from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    """Bookings and records of w.c.s. compared."""

    name = "adapter.reconciliation"
    label = "reconciliation"

"""Django's description of the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AgendasConfig(AppConfig):
    """Agendas, slots, locks and bookings."""

    name = "adapter.agendas"
    label = "agendas"
    verbose_name = _("Agendas")

    def ready(self) -> None:
        """Register the system checks, and SQLite's guard, which a migration that remakes the table would drop."""
        from adapter.agendas import checks  # noqa: F401
        from adapter.agendas.sqlite_guard import install_after_migrate

        post_migrate.connect(install_after_migrate, sender=self)

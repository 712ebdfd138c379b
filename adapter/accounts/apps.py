"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Accounts that come from the identity provider."""

    name = "adapter.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register the system checks, and keep names of services from new accounts."""
        from django.contrib.auth import get_user_model
        from django.db.models.signals import pre_save

        from adapter.accounts import checks  # noqa: F401
        from adapter.accounts.names import refuse_names_of_services

        pre_save.connect(refuse_names_of_services, get_user_model(), dispatch_uid="accounts.names")

"""Django's description of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ManagerConfig(AppConfig):
    """The back office."""

    name = "adapter.manager"
    label = "manager"
    verbose_name = _("Back office")

"""Django's description of the app."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Operations."""

    name = "adapter.ops"
    label = "ops"

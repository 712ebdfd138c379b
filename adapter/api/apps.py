"""Django's description of the app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The webservices that w.c.s. calls."""

    name = "adapter.api"
    label = "api"

"""Django's description of the app."""

from django.apps import AppConfig


class WcsConfig(AppConfig):
    """The client of w.c.s."""

    name = "adapter.wcs"
    label = "wcs"

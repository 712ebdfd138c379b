"""Django's description of the app."""

from django.apps import AppConfig


class WcsConfig(AppConfig):
    """The client of w.c.s."""

    name = "adapter.wcs"
    label = "wcs"

    def ready(self) -> None:
        """Write what was refused when the answer is out."""
        from django.core.signals import request_finished

        from adapter.wcs.callers import write_refused

        request_finished.connect(write_refused, dispatch_uid="wcs.write_refused")

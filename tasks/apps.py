"""Django's description of the app: the log of runs, and the nudge that sends callbacks soon."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Scheduled and queued work."""

    name = "tasks"
    label = "tasks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Send callbacks right after they are owed."""
        from adapter.agendas.services.callbacks import callback_owed
        from tasks.nudging import deliver_soon

        callback_owed.connect(deliver_soon, dispatch_uid="tasks.deliver_soon")

"""When each task ran last: what `doctor`, `/metrics` and admins look at."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models


class TaskRun(models.Model):
    """The last run of a task, in the database because workers may be on other machines.

    ``last_result`` is how many things the last successful run handled; ``duration_ms`` how long the last run took.
    The row ``SCHEDULER`` is no task: its last run is the start since which the schedule is expected to have run.
    """

    SCHEDULER: Final = "beat"

    name = models.CharField(max_length=60, primary_key=True)
    last_run_at = models.DateTimeField()
    last_success_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")
    last_result = models.BigIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(default=0)
    runs = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

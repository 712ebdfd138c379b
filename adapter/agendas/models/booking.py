"""Bookings and locks: one table, because they compete for the same desk."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models.agenda import Agenda
from adapter.agendas.models.desk import Desk
from adapter.agendas.models.meeting_type import MeetingType


class BookingState(models.TextChoices):
    """Life of a row. *Held* and *booked* rows stand on a desk; a held one only until ``expires_at``."""

    HELD = "held", _("Held")
    BOOKED = "booked", _("Booked")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Lapsed")
    RELEASED = "released", _("Released")


class Outcome(models.TextChoices):
    """How a confirmation ended (the fourth outcome, *already_confirmed*, is told to a repeat and never stored)."""

    CONFIRMED = "confirmed", _("Confirmed")
    RECAPTURED = "recaptured", _("Recaptured")
    ALREADY_CONFIRMED = "already_confirmed", _("Already confirmed")
    LOST = "lost", _("Lost")


STANDING_STATES = (BookingState.HELD, BookingState.BOOKED)


class PostgresExclusion(ExclusionConstraint):
    """An exclusion constraint that other databases skip (SQLite has triggers instead, see the migration)."""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """The statement on PostgreSQL, nothing elsewhere."""
        return super().create_sql(model, schema_editor) if _is_postgres(schema_editor) else None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """The statement on PostgreSQL, nothing elsewhere."""
        return super().remove_sql(model, schema_editor) if _is_postgres(schema_editor) else None

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """The clause on PostgreSQL, nothing elsewhere."""
        return super().constraint_sql(model, schema_editor) if _is_postgres(schema_editor) else None

    def validate(self, *args: object, **kwargs: object) -> None:
        """Nothing: services check before they write, and the database afterwards."""


def _is_postgres(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


class TimeRange(Func):
    """``tstzrange(start, "end", '[)')``: adjacent appointments do not overlap."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class BookingQuerySet(models.QuerySet["Booking"]):
    """Expiry is a predicate: what is live depends on the time it is asked, not on a task having run."""

    def live(self, now: datetime.datetime) -> BookingQuerySet:
        """Rows that occupy their desk at ``now``."""
        return self.filter(Q(state=BookingState.BOOKED) | Q(state=BookingState.HELD, expires_at__gt=now))

    def live_locks(self, now: datetime.datetime) -> BookingQuerySet:
        """Locks that have not lapsed at ``now``."""
        return self.filter(state=BookingState.HELD, expires_at__gt=now)

    def lapsed_locks(self, now: datetime.datetime) -> BookingQuerySet:
        """Locks past their time that no task and no service has marked yet."""
        return self.filter(state=BookingState.HELD, expires_at__lte=now)

    def ended_locks(self, now: datetime.datetime) -> BookingQuerySet:
        """Locks that are over at ``now``: given back, or lapsed, whether that was marked or not."""
        ended = Q(state__in=[BookingState.EXPIRED, BookingState.RELEASED])
        return self.filter(ended | Q(state=BookingState.HELD, expires_at__lte=now))

    def overlapping(self, start: datetime.datetime, end: datetime.datetime) -> BookingQuerySet:
        """Rows that share at least one instant with ``[start, end)``."""
        return self.filter(start__lt=end, end__gt=start)


class Booking(models.Model):
    """A lock or a booking of one desk from ``start`` to ``end``.

    A lock (*held*) holds nothing personal: the fields about people are filled when it is confirmed.
    ``asked_agenda`` is the agenda that was asked for, which may be a virtual one; ``agenda`` is the real one.
    """

    agenda = models.ForeignKey(Agenda, on_delete=models.PROTECT, related_name="bookings")
    asked_agenda = models.ForeignKey(Agenda, on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="bookings")
    meeting_type = models.ForeignKey(MeetingType, on_delete=models.PROTECT, related_name="bookings")
    start = models.DateTimeField()
    end = models.DateTimeField()
    slots = models.PositiveSmallIntegerField(default=1, help_text="How many consecutive slots it takes.")
    state = models.CharField(max_length=10, choices=BookingState.choices)
    created_at = models.DateTimeField()

    # -- The lock
    lock_code = models.CharField(max_length=256, blank=True, default="")
    lock_token = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Of the form that is filled in."
    )
    lock_duration = models.PositiveIntegerField(null=True, help_text="Seconds.")
    expires_at = models.DateTimeField(null=True)
    renewals = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=150, blank=True, default="", help_text="Agent or service, never a citizen.")
    form_slug = models.CharField(max_length=250, blank=True, default="")
    half_adapted = models.BooleanField(
        default=False, help_text="Held by a call that named its record without asking to confirm."
    )
    ended_at = models.DateTimeField(null=True, help_text="When it was released, lapsed or cancelled.")
    ended_because = models.CharField(max_length=40, blank=True, default="")
    moved_to = models.BigIntegerField(null=True, help_text="Number of the booking that took its place.")

    # -- The booking
    confirmed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="When w.c.s. sent the call that made it, by its own clock.")
    outcome = models.CharField(max_length=20, blank=True, default="", choices=Outcome.choices)
    record = models.CharField(max_length=500, blank=True, default="", help_text="Address that tells the w.c.s. record.")
    label = models.CharField(max_length=250, blank=True, default="")
    user_display_label = models.CharField(max_length=250, blank=True, default="")
    user_name = models.CharField(max_length=250, blank=True, default="")
    user_first_name = models.CharField(max_length=250, blank=True, default="")
    user_last_name = models.CharField(max_length=250, blank=True, default="")
    user_email = models.CharField(max_length=250, blank=True, default="")
    user_phone_number = models.CharField(max_length=50, blank=True, default="")
    user_external_id = models.CharField(max_length=250, blank=True, default="")
    backoffice_url = models.CharField(max_length=500, blank=True, default="")
    form_url = models.CharField(max_length=500, blank=True, default="")
    cancel_callback_url = models.CharField(max_length=500, blank=True, default="")
    presence_callback_url = models.CharField(max_length=500, blank=True, default="")
    absence_callback_url = models.CharField(max_length=500, blank=True, default="")
    extra_emails = models.JSONField(default=list)
    extra_phone_numbers = models.JSONField(default=list)
    sms_counter = models.CharField(max_length=100, blank=True, default="")
    extra_data = models.JSONField(null=True)
    user_was_present = models.BooleanField(null=True)
    user_absence_reason = models.CharField(max_length=250, blank=True, default="")
    user_presence_reason = models.CharField(max_length=250, blank=True, default="")
    anonymized_at = models.DateTimeField(null=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="booking_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(state=BookingState.HELD) | (Q(expires_at__isnull=False) & ~Q(lock_code="")),
                name="lock_has_code_and_end",
            ),
            PostgresExclusion(
                name="no_double_booking",
                index_type="GIST",
                expressions=[
                    (F("desk"), RangeOperators.EQUAL),
                    (TimeRange(F("start"), F("end"), Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=[BookingState.HELD, BookingState.BOOKED]),
            ),
        ]
        indexes = [
            # What stands on the desks of an agenda in a window, and what on some desks. PostgreSQL finds all that a
            # hold and a list read of it in the index: in the row itself, the desk comes behind forty other columns.
            models.Index(
                fields=["agenda", "end", "start"],
                include=["desk", "state", "expires_at"],
                name="booking_in_window",
                condition=Q(state__in=[BookingState.HELD, BookingState.BOOKED]),
            ),
            # The SQLite guard looks at this one, too; PostgreSQL has the exclusion constraint's own index.
            models.Index(
                fields=["desk", "end"],
                include=["start", "state"],
                name="booking_on_desk",
                condition=Q(state__in=[BookingState.HELD, BookingState.BOOKED]),
            ),
            # Lists of bookings: what is to come, of some or all agendas.
            models.Index(
                fields=["start", "id"],
                name="booking_by_start",
                condition=Q(state__in=[BookingState.BOOKED, BookingState.CANCELLED]),
            ),
            models.Index(fields=["lock_code"], name="lock_by_code", condition=Q(state=BookingState.HELD)),
            models.Index(fields=["expires_at"], name="lock_by_expiry", condition=Q(state=BookingState.HELD)),
            models.Index(fields=["record"], name="booking_by_record", condition=~Q(record="")),
            models.Index(
                fields=["user_external_id", "start"],
                name="booking_by_user",
                condition=~Q(user_external_id="") & Q(state=BookingState.BOOKED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

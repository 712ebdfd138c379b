"""The data: agendas and their settings, bookings and locks, the audit log and the outbox."""

from adapter.agendas.models.agenda import Agenda, Category, VirtualMember
from adapter.agendas.models.audit import AuditEvent
from adapter.agendas.models.booking import Booking, BookingState, Outcome
from adapter.agendas.models.cancellation import RecordCancellation
from adapter.agendas.models.closures import Closure, ExceptionSource
from adapter.agendas.models.desk import Desk
from adapter.agendas.models.draft import HeldDraft
from adapter.agendas.models.meeting_type import MeetingType
from adapter.agendas.models.outbox import Callback, CallbackState
from adapter.agendas.models.periods import ExcludedPeriod, OpeningPeriod
from adapter.agendas.models.refusal import Refusal
from adapter.agendas.models.reminder import Reminder, ReminderState

__all__ = [
    "Agenda",
    "AuditEvent",
    "Booking",
    "BookingState",
    "Callback",
    "CallbackState",
    "Category",
    "Closure",
    "Desk",
    "ExceptionSource",
    "ExcludedPeriod",
    "HeldDraft",
    "MeetingType",
    "OpeningPeriod",
    "Outcome",
    "RecordCancellation",
    "Refusal",
    "Reminder",
    "ReminderState",
    "VirtualMember",
]

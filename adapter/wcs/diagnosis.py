"""Does booking by agents work with the connected w.c.s.? One line for each thing that must hold, with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from adapter.wcs.callers import caller
from adapter.wcs.errors import ClocksDiffer, NotConfigured, SignatureNotAccepted, UnknownForm, WcsError
from adapter.wcs.forms import (
    AgentIdentity,
    FormField,
    FormSchema,
    form_schema,
    forms_for_agent,
    is_disabled,
    knows_agent,
)

# What a choice is in w.c.s.; the slot's fields (``api.fillslot_url``…) only come with it.
CHOICE = "item"
#: Types of sources whose address stands in the field itself; any other is the slug of a named source.
IN_PLACE = frozenset({"json", "jsonp", "geojson", "jsonvalue"})
LOCK_CODE = "lock_code"


class State(StrEnum):
    """How a line stands: ``warn`` is what could not be seen, or may be meant."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class DiagnosisLine:
    """One thing that was looked at: a stable ``code``, and words in the language of the page; ``remedy`` when not ok."""

    code: str
    state: State
    text: str
    remedy: str = ""


def diagnose(
    form_slug: str, slot_field: str, meeting_type_field: str, agenda_field: str, agent: AgentIdentity
) -> list[DiagnosisLine]:
    """Ask w.c.s. about all that a booking from the calendar needs; five calls of five seconds at the most.

    Codes, in order: ``reached``, ``signature-sent``, ``signature-received``, ``form``, ``roles``, ``slot-field``,
    ``meeting-type-field``, ``agenda-field`` (these two when they are named), ``slot-source``. What cannot be looked at
    because of an earlier failure is left out. Creates nothing in w.c.s., and never raises :class:`WcsError`.
    """
    lines = []
    try:
        lines.extend(_connection(agent))
        lines.append(_received())
        if lines[-2].state is not State.FAIL:
            lines.extend(_form(form_slug, agent, slot_field, meeting_type_field, agenda_field))
    except WcsError as error:
        lines.append(_unexpected(error))
    return lines


def _connection(agent: AgentIdentity) -> Iterator[DiagnosisLine]:
    """Reached, and our signature accepted; raises what is neither."""
    reached = DiagnosisLine("reached", State.OK, _("The forms' server answers."))
    try:
        forms_for_agent(agent, fresh=True)
    except SignatureNotAccepted as error:
        yield reached
        yield DiagnosisLine("signature-sent", State.FAIL, _refused(error), _("Put the same secret and orig on both sides: KNOWN_SERVICES here, api-secrets in w.c.s."))
    except ClocksDiffer as error:
        yield reached
        yield DiagnosisLine("signature-sent", State.FAIL, _refused(error), _("Set the clocks of both servers by NTP: 30 seconds apart is too much."))
    else:
        yield reached
        yield DiagnosisLine("signature-sent", State.OK, _("The forms' server accepts our signature."))

"""Does booking by agents work with the connected w.c.s.? One line for each thing that must hold, with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from adapter.dates import short_moment_text
from adapter.wcs.callers import caller
from adapter.wcs.errors import (
    AgentUnknown,
    ClocksDiffer,
    NotConfigured,
    SignatureNotAccepted,
    TimedOut,
    UnknownForm,
    Unreachable,
    WcsError,
)
from adapter.wcs.forms import (
    AgentIdentity,
    FormChoice,
    FormField,
    FormSchema,
    form_schema,
    forms_for_agent,
    is_disabled,
    knows_agent,
)

# A list from which one item is chosen: the only kind whose value carries the slot's own addresses.
CHOICE = "item"
# Other kinds, as the forms workshop of w.c.s. names them.
KINDS: dict[str, Promise] = {
    "string": gettext_lazy("Text (line)"),
    "text": gettext_lazy("Long text"),
    "email": gettext_lazy("E-mail"),
    "bool": gettext_lazy("Check box"),
    "date": gettext_lazy("Date"),
    "items": gettext_lazy("Multiple choice list"),
    "computed": gettext_lazy("Computed data"),
    "numeric": gettext_lazy("Numeric"),
}
# What the client says of a call that came to nothing.
UNREACHABLE: dict[str, Promise] = {
    "ConnectionError": gettext_lazy("it cannot be connected to"),
    "SSLError": gettext_lazy("its certificate is not accepted"),
}
# Types of sources whose address stands in the field itself; any other is the slug of a named source.
IN_PLACE = frozenset({"json", "jsonp", "geojson", "jsonvalue"})
LOCK_CODE, CONTEXT_LOCK_CODE = "lock_code", "form_submission_context_lock_code"


class State(StrEnum):
    """How a line stands: ``warn`` is what could not be seen, or may be meant."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class DiagnosisLine:
    """One thing that was looked at: a stable ``code``, and words in the language of the page; ``remedy`` unless ok."""

    code: str
    state: State
    text: str
    remedy: str = ""


def diagnose(
    form_slug: str, slot_field: str, meeting_type_field: str, agenda_field: str, agent: AgentIdentity
) -> list[DiagnosisLine]:
    """Ask w.c.s. about all that a booking from the calendar needs: five calls of five seconds at the most.

    Codes, in order: ``reached``, ``signature-sent``, ``signature-received``, ``form``, ``roles``, ``slot-field``,
    ``slot-source``, ``meeting-type-field`` and ``agenda-field`` (when they are named). What an earlier failure hides is
    left out; ``interrupted`` ends the list when w.c.s. stops answering half-way. Changes nothing in w.c.s., and raises
    no :class:`WcsError`.
    """
    lines: list[DiagnosisLine] = []
    try:
        for line in _look(form_slug, slot_field, meeting_type_field, agenda_field, agent):
            lines.append(line)
    except WcsError as error:
        lines.append(_stopped(error, "interrupted" if lines else "reached"))
    return lines


def _look(slug: str, slot: str, meeting_type: str, agenda: str, agent: AgentIdentity) -> Iterator[DiagnosisLine]:
    refusal: WcsError | None = None
    allowed: list[FormChoice] = []
    try:
        allowed = forms_for_agent(agent, fresh=True)
    except AgentUnknown:
        pass
    except (SignatureNotAccepted, ClocksDiffer) as error:
        refusal = error
    yield DiagnosisLine("reached", State.OK, _("The forms' server answers."))
    yield _signature_sent(refusal)
    yield _signature_received()
    if refusal is not None:
        return
    try:
        schema = form_schema(slug)
    except UnknownForm:
        yield DiagnosisLine(
            "form",
            State.FAIL,
            _("There is no form “%(form)s”.") % {"form": slug},
            _("Choose a form of the list, or compare the name with the end of the form's address."),
        )
        return
    yield from _form(schema, allowed, agent)
    yield from _slot(schema, slot)
    for code, varname in (("meeting-type-field", meeting_type), ("agenda-field", agenda)):
        if varname:
            yield _field(code, schema.field(varname), varname, State.WARN)


def _stopped(error: WcsError, code: str) -> DiagnosisLine:
    if isinstance(error, NotConfigured):
        return DiagnosisLine(
            code, State.FAIL, _("No forms' server is connected."), _("Name it in the setting KNOWN_SERVICES.")
        )
    return DiagnosisLine(
        code,
        State.FAIL,
        _("The forms' server does not answer as it should: %(detail)s.") % {"detail": _why(error)},
        _("Check its address in KNOWN_SERVICES, that it runs, and that this server may reach it."),
    )


def _why(error: WcsError) -> str:
    """Without a full stop; what w.c.s. said itself stays as it is."""
    if isinstance(error, TimedOut):
        return _("it takes too long")
    if isinstance(error, Unreachable) and error.detail in UNREACHABLE:
        return str(UNREACHABLE[error.detail])
    return (error.detail or error.code).rstrip(".")


def _signature_sent(refusal: WcsError | None) -> DiagnosisLine:
    code = "signature-sent"
    if refusal is None:
        return DiagnosisLine(code, State.OK, _("It accepts our signature."))
    text = _("It refuses our signature: %(detail)s.") % {"detail": _why(refusal)}
    if isinstance(refusal, ClocksDiffer):
        return DiagnosisLine(code, State.FAIL, text, _("Set the clocks of both servers; 30 seconds apart is too much."))
    return DiagnosisLine(
        code,
        State.FAIL,
        text,
        _("Give both sides the same name (orig) and secret: KNOWN_SERVICES here, section api-secrets in w.c.s."),
    )


def _signature_received() -> DiagnosisLine:
    """Whether w.c.s. signs what it sends us: nobody can make it call, so this is about its last calls."""
    code = "signature-received"
    service = settings.KNOWN_SERVICES.default()
    seen = caller(service.verif_orig) if service else None
    remedy = _("Give both sides the same secret: KNOWN_SERVICES here, section wscall-secrets in w.c.s.")
    if seen and seen.refused_at and (seen.accepted_at is None or seen.refused_at > seen.accepted_at):
        when = short_moment_text(seen.refused_at)
        text = _("Its last call was refused (%(when)s): %(reason)s") % {"when": when, "reason": seen.refusal}
        return DiagnosisLine(code, State.WARN, text, remedy)
    if seen and seen.accepted_at:
        when = short_moment_text(seen.accepted_at)
        return DiagnosisLine(code, State.OK, _("We accept its signature (last seen %(when)s).") % {"when": when})
    return DiagnosisLine(
        code,
        State.WARN,
        _("It has never called us with a signature."),
        _("Open the page of the form that lists the slots, then check again. If that changes nothing:") + " " + remedy,
    )


def _form(schema: FormSchema, allowed: list[FormChoice], agent: AgentIdentity) -> Iterator[DiagnosisLine]:
    listed = any(form.slug == schema.slug for form in allowed)
    names = {"form": schema.title}
    if not listed and is_disabled(schema.slug):
        yield DiagnosisLine(
            "form", State.FAIL, _("The form “%(form)s” is disabled.") % names, _("Enable it in the forms workshop.")
        )
        return
    yield DiagnosisLine("form", State.OK, _("The form “%(form)s” exists and is enabled.") % names)
    if listed:
        yield DiagnosisLine("roles", State.OK, _("You may fill it in from the back office."))
    elif not knows_agent(agent):
        yield DiagnosisLine(
            "roles",
            State.FAIL,
            _("The forms' server does not know you."),
            _("Log in there once. Your account here must carry the same e-mail address, or its NameID."),
        )
    else:
        yield DiagnosisLine(
            "roles",
            State.FAIL,
            _("You may not fill it in from the back office."),
            _("Give the form a backoffice submission role in the forms workshop, and hold that role."),
        )


def _slot(schema: FormSchema, varname: str) -> Iterator[DiagnosisLine]:
    field = schema.field(varname)
    line = _field("slot-field", field, varname, State.FAIL)
    yield line
    if field is not None and line.state is State.OK:
        yield _slot_source(field)


def _field(code: str, field: FormField | None, varname: str, otherwise: State) -> DiagnosisLine:
    names = {"field": varname}
    if field is None:
        return DiagnosisLine(
            code,
            State.FAIL,
            _("The form has no field with the identifier “%(field)s”.") % names,
            _("Give that identifier to the field in the forms workshop, or change it here."),
        )
    if field.kind != CHOICE:
        return DiagnosisLine(
            code,
            otherwise,
            _("The field “%(field)s” is of type “%(kind)s”.") % {**names, "kind": KINDS.get(field.kind, field.kind)},
            _("Make it a list (one choice)."),
        )
    return DiagnosisLine(code, State.OK, _("The field “%(field)s” is a list.") % names)


def _slot_source(field: FormField) -> DiagnosisLine:
    code = "slot-source"
    expression = "{% firstof form_submission_context_lock_code session_hash_id %}"
    remedy = _("Add the parameter lock_code to the address of the slots, with the value %(expression)s") % {
        "expression": expression
    }
    if not field.source_type:
        return DiagnosisLine(
            code, State.FAIL, _("The slots do not come from a data source."), _("Choose the agenda's data source.")
        )
    if field.source_type not in IN_PLACE:
        return DiagnosisLine(
            code,
            State.WARN,
            _("The slots come from the data source “%(source)s”, which cannot be seen from here.")
            % {"source": field.source_type},
            _("Nothing to do if w.c.s. made it from the agendas: it sends the lock code. If not:") + " " + remedy,
        )
    if LOCK_CODE not in field.source:
        return DiagnosisLine(code, State.FAIL, _("The list of slots is asked for without the lock code."), remedy)
    if CONTEXT_LOCK_CODE not in field.source:
        return DiagnosisLine(
            code, State.WARN, _("The lock code sent with the list of slots may not be the calendar's."), remedy
        )
    return DiagnosisLine(code, State.OK, _("The list of slots is asked for with the lock code."))

"""Does booking by agents work with the connected w.c.s.? One line for each thing that must hold, with its remedy."""

from __future__ import annotations

import re
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
    BadAnswer,
    ClocksDiffer,
    NotAllowed,
    NotConfigured,
    SignatureNotAccepted,
    TimedOut,
    UnknownForm,
    Unreachable,
    WcsError,
)
from adapter.wcs.exports import named_source, submission_roles
from adapter.wcs.forms import (
    AgentIdentity,
    FormField,
    FormSchema,
    FormState,
    all_forms,
    form_schema,
    forms_for_agent,
    knows_agent,
)
from adapter.wcs.records import default_service, try_reading

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
# The meeting type that a source's address names for good.
TYPE_IN_ADDRESS = re.compile(r"/meetings/([A-Za-z0-9_-]+)/datetimes/")
# The variable of the site (none of the form) with which the address of a source begins, inside of a condition or not.
VARIABLE = re.compile(r"\s*(?:\{%[^%]*%\}\s*)*\{\{\s*(?!form_)(\w+)\s*\}\}")


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


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: ``books`` is whether it is somebody who books, and not only sets up.

    ``slots_were_asked``: whether a form has held or booked a slot here before. ``only_type``: the slug of the only
    meeting type that the agenda offers for the form.
    """

    agent: AgentIdentity
    books: bool = True
    slots_were_asked: bool = True
    only_type: str = ""


def diagnose(
    form_slug: str, slot_field: str, meeting_type_field: str, agenda_field: str, asker: Asker
) -> list[DiagnosisLine]:
    """Ask w.c.s. about all that a booking from the calendar needs: nine calls of five seconds at the most.

    Codes, in order: ``reached``, ``signature-sent``, ``signature-received``, ``account`` (when w.c.s. does not know
    it), ``form``, ``functions`` (when one has no role), ``roles``, ``slot-field``, ``slot-source``,
    ``only-meeting-type`` (when the settings name another), ``address-variable`` (when w.c.s. may not know it),
    ``meeting-type-field`` and ``agenda-field`` (when they are named), ``records``. What an earlier failure hides, or
    w.c.s. does not tell, is left out; ``interrupted`` ends the list when w.c.s. stops answering half-way. Changes
    nothing in w.c.s., and raises no :class:`WcsError`.
    """
    lines: list[DiagnosisLine] = []
    try:
        for line in _look(form_slug, slot_field, meeting_type_field, agenda_field, asker):
            lines.append(line)
    except WcsError as error:
        lines.append(_stopped(error, "interrupted" if lines else "reached"))
    return lines


def _look(slug: str, slot: str, meeting_type: str, agenda: str, asker: Asker) -> Iterator[DiagnosisLine]:
    refusal: WcsError | None = None
    may_fill_in: bool | None = False
    try:
        may_fill_in = any(form.slug == slug for form in forms_for_agent(asker.agent, fresh=True))
    except AgentUnknown:
        may_fill_in = None
    except (SignatureNotAccepted, ClocksDiffer) as error:
        refusal = error
    yield DiagnosisLine("reached", State.OK, _("The forms' server answers."))
    yield _signature_sent(refusal)
    yield _signature_received()
    if refusal is not None:
        return
    if may_fill_in is None or (not may_fill_in and not knows_agent(asker.agent)):
        # Some versions list nothing for an account that they do not know.
        may_fill_in = None
        yield _unknown_account(asker)
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
    known = all_forms().get(slug)
    yield from _form(schema, known)
    if known is not None and not known.enabled:
        # Nobody may fill in a disabled form: that says nothing of roles.
        may_fill_in = None
    yield from _roles(schema, may_fill_in, asker)
    yield from _slot(schema, slot, asker)
    for code, varname in (("meeting-type-field", meeting_type), ("agenda-field", agenda)):
        if varname:
            yield _field(code, schema.field(varname), varname, State.WARN)
    yield _records(slug)


def _records(slug: str) -> DiagnosisLine:
    """Whether appointments can be compared with the records of the form."""
    code = "records"
    try:
        try_reading(default_service(), slug)
    except (AgentUnknown, NotAllowed, BadAnswer) as error:
        return DiagnosisLine(
            code,
            State.WARN,
            _("Appointments cannot be compared with the requests of this form: %(detail)s.") % {"detail": _why(error)},
            _("Ask who runs this server: its command doctor says what is missing."),
        )
    return DiagnosisLine(code, State.OK, _("Appointments can be compared with the requests of this form."))


def _unknown_account(asker: Asker) -> DiagnosisLine:
    account = asker.agent.name_id or asker.agent.email
    state = State.FAIL if asker.books else State.WARN
    if not account:
        return DiagnosisLine(
            "account",
            state,
            _("Your account here has neither e-mail address nor NameID: the forms' server cannot know it."),
            _("Give it the e-mail address of your account there."),
        )
    return DiagnosisLine(
        "account",
        state,
        _("The forms' server does not know your account (%(account)s).") % {"account": account},
        _("Log in there once. Both accounts must have the same e-mail address, or the same NameID."),
    )


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


def _form(schema: FormSchema, known: FormState | None) -> Iterator[DiagnosisLine]:
    names = {"form": schema.title}
    if known is not None and not known.enabled:
        yield DiagnosisLine(
            "form", State.FAIL, _("The form “%(form)s” is disabled.") % names, _("Enable it in the forms workshop.")
        )
    else:
        yield DiagnosisLine("form", State.OK, _("The form “%(form)s” exists and is enabled.") % names)
    if known is not None and known.form.functions_without_role:
        yield DiagnosisLine(
            "functions",
            State.WARN,
            _("Nobody fills these functions of its workflow: %(functions)s.")
            % {"functions": ", ".join(known.form.functions_without_role)},
            _("Give each a role in the form's settings: without it, agents may not see the records they have booked."),
        )


def _roles(schema: FormSchema, may_fill_in: bool | None, asker: Asker) -> Iterator[DiagnosisLine]:
    """``may_fill_in`` is ``None`` when w.c.s. could not say."""
    code = "roles"
    if may_fill_in:
        yield DiagnosisLine(code, State.OK, _("You may fill it in from the back office."))
        return
    roles = submission_roles(schema.slug)
    if roles == ():
        yield DiagnosisLine(
            code,
            State.FAIL,
            _("Nobody may fill it in from the back office."),
            _("Give the form a backoffice submission role in the forms workshop: that of the agents."),
        )
    elif asker.books and may_fill_in is False:
        yield DiagnosisLine(
            code,
            State.FAIL,
            _("You may not fill it in from the back office."),
            _("Give the form a backoffice submission role in the forms workshop, and hold that role."),
        )
    elif roles:
        yield DiagnosisLine(
            code,
            State.OK,
            _("Whoever holds one of these roles there may fill it in from the back office: %(roles)s.")
            % {"roles": ", ".join(roles)},
        )


def _slot(schema: FormSchema, varname: str, asker: Asker) -> Iterator[DiagnosisLine]:
    field = schema.field(varname)
    line = _field("slot-field", field, varname, State.FAIL)
    yield line
    if field is not None and line.state is State.OK:
        yield from _slot_source(field, asker)


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


def _slot_source(field: FormField, asker: Asker) -> Iterator[DiagnosisLine]:
    code = "slot-source"
    expression = "{% firstof form_submission_context_lock_code session_hash_id %}"
    remedy = _("Add the parameter lock_code to the address of the slots, with the value %(expression)s") % {
        "expression": expression
    }
    if not field.source_type:
        yield DiagnosisLine(
            code, State.FAIL, _("The slots do not come from a data source."), _("Choose the agenda's data source.")
        )
        return
    address, sent = field.source, field.source
    if field.source_type not in IN_PLACE:
        named = named_source(field.source_type)
        if named is None:
            yield DiagnosisLine(
                code,
                State.WARN,
                _("The slots come from the data source “%(source)s”, which cannot be seen from here.")
                % {"source": field.source_type},
                _("Nothing to do if w.c.s. made it from the agendas: it sends the lock code. If not:") + " " + remedy,
            )
            return
        address = named.address
        sent = " ".join([address, *(f"{name}={value}" for name, value in named.parameters.items())])
    if LOCK_CODE not in sent:
        yield DiagnosisLine(code, State.FAIL, _("The list of slots is asked for without the lock code."), remedy)
    elif CONTEXT_LOCK_CODE not in sent:
        yield DiagnosisLine(
            code, State.WARN, _("The lock code sent with the list of slots may not be the calendar's."), remedy
        )
    else:
        yield DiagnosisLine(code, State.OK, _("The list of slots is asked for with the lock code."))
    named_type = TYPE_IN_ADDRESS.search(address)
    if named_type and named_type[1] != asker.only_type:
        yield DiagnosisLine(
            "only-meeting-type",
            State.WARN,
            _("The slots of the form are all of the meeting type “%(type)s”.") % {"type": named_type[1]},
            _("Choose it above as the only meeting type of the form: the calendar then offers no other."),
        )
    variable = VARIABLE.match(address)
    if variable and not asker.slots_were_asked:
        yield _unproven_variable(variable[1])


def _unproven_variable(name: str) -> DiagnosisLine:
    """w.c.s. tells nobody its variables: only a slot that a form has held proves that it knows this one."""
    return DiagnosisLine(
        "address-variable",
        State.WARN,
        _("The address of the slots needs the variable %(name)s: w.c.s. may not know it, no form has held a slot yet.")
        % {"name": name},
        _("In site-options.cfg of w.c.s., section [variables]: %(name)s = %(url)s")
        % {"name": name, "url": settings.BASE_URL},
    )

"""Each w.c.s.: it answers, its clock is ours, and signatures are accepted both ways."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.conf import settings
from django.utils.timezone import localtime

from adapter.agendas.models import Agenda
from adapter.ops.doctor.lines import Level, Line
from adapter.wcs.callers import caller
from adapter.wcs.errors import AgentUnknown, ClocksDiffer, SignatureNotAccepted, WcsError
from adapter.wcs.forms import FormState, all_forms
from adapter.wcs.known_services import KnownService
from adapter.wcs.probing import probe
from adapter.wcs.records import try_reading

# Seconds; signatures are refused from 30 on.
SKEW, TOO_MUCH_SKEW = 10.0, 25.0
NTP = "Set both clocks by NTP: from 30 seconds on every call is refused."


def services(now: datetime.datetime) -> Iterator[Line]:
    """Those of ``KNOWN_SERVICES``."""
    if not len(settings.KNOWN_SERVICES):
        yield Line("wcs", Level.CRITICAL, "No w.c.s. is connected.", "Describe it in KNOWN_SERVICES.")
    for service in settings.KNOWN_SERVICES:
        found = probe(service)
        yield _sent(service, found.error)
        if found.skew is not None:
            yield _clock(service, found.skew)
        yield _received(service)
        if found.error is None and service == settings.KNOWN_SERVICES.default():
            yield from _forms(service)


def _sent(service: KnownService, error: WcsError | None) -> Line:
    code = f"wcs:{service.name}:signature-sent"
    if error is None:
        return Line(code, Level.OK, f"{service.url} answers and accepts our signature.")
    said = (error.detail or error.code).rstrip(".")
    if isinstance(error, ClocksDiffer):
        return Line(code, Level.CRITICAL, f"{service.url} finds our clock wrong: {said}.", NTP)
    if isinstance(error, SignatureNotAccepted):
        return Line(
            code,
            Level.CRITICAL,
            f"{service.url} refuses our signature: {said}.",
            f"Give both sides the same secret under the name {service.orig}: section api-secrets in w.c.s.",
        )
    return Line(
        code,
        Level.WARNING,
        f"{service.url} does not answer as it should: {said}.",
        "See that it runs and that this machine may reach it; what is owed to it waits.",
    )


def _clock(service: KnownService, skew: float) -> Line:
    code = f"wcs:{service.name}:clock"
    if abs(skew) < SKEW:
        return Line(code, Level.OK, "Its clock agrees with ours.")
    level = Level.CRITICAL if abs(skew) > TOO_MUCH_SKEW else Level.WARNING
    return Line(code, level, f"Its clock is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} ours.", NTP)


def _received(service: KnownService) -> Line:
    """Nobody can make w.c.s. call: this is about its last calls."""
    code = f"wcs:{service.name}:signature-received"
    seen = caller(service.verif_orig)
    remedy = (
        f"Give both sides the same secret: section wscall-secrets in w.c.s.; it calls us as {service.verif_orig}. "
        f"Sources that begin with {{{{ agendas_url }}}} need it in section variables: agendas_url = {settings.BASE_URL}"
    )
    if seen is None or not (seen.accepted_at or seen.refused_at):
        first = "Open a form that offers slots, then look again. Still nothing? "
        return Line(code, Level.WARNING, "It has never called us with a signature.", first + remedy)
    if seen.refused_at and (seen.accepted_at is None or seen.refused_at > seen.accepted_at):
        level = Level.CRITICAL if seen.accepted_at is None else Level.WARNING
        return Line(code, level, f"Its last call ({_when(seen.refused_at)}) was refused: {seen.refusal}", remedy)
    assert seen.accepted_at is not None
    return Line(code, Level.OK, f"Its last call ({_when(seen.accepted_at)}) was accepted.")


def _when(moment: datetime.datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"


def _forms(service: KnownService) -> Iterator[Line]:
    """The forms in which agents book: what keeps anybody from filling them in."""
    agendas = Agenda.objects.filter(backoffice_booking_enabled=True).exclude(form_slug="")
    slugs = sorted(set(agendas.values_list("form_slug", flat=True)))
    if not slugs:
        return
    try:
        forms = all_forms()
    except WcsError as error:
        said = (error.detail or error.code).rstrip(".")
        code = f"wcs:{service.name}:forms"
        yield Line(code, Level.WARNING, f"Its list of forms cannot be read: {said}.", "Look at the logs of w.c.s.")
        return
    for slug in slugs:
        yield _form(f"wcs:{service.name}:form:{slug}", slug, forms.get(slug))
        if slug in forms:
            yield _records(service, slug)


def _form(code: str, slug: str, known: FormState | None) -> Line:
    if known is None:
        remedy = "Choose another in the settings of its agenda, tab “backoffice booking”, or import it."
        return Line(code, Level.WARNING, f"There is no form “{slug}”.", remedy)
    if not known.enabled:
        return Line(code, Level.WARNING, f"The form “{slug}” is disabled.", "Enable it in the forms workshop of w.c.s.")
    if known.form.functions_without_role:
        functions = ", ".join(known.form.functions_without_role)
        remedy = "Give each a role in the form's settings: without it, agents may not see the records they have booked."
        return Line(code, Level.WARNING, f"Nobody fills functions of the form “{slug}”: {functions}.", remedy)
    return Line(code, Level.OK, f"The form “{slug}” is enabled.")


def _records(service: KnownService, slug: str) -> Line:
    """Whether appointments can be compared with the records of the form."""
    code = f"wcs:{service.name}:records:{slug}"
    account = settings.RECONCILE_AS
    try:
        try_reading(service, slug)
    except WcsError as error:
        said = (error.detail or error.code).rstrip(".")
        if isinstance(error, AgentUnknown) and account:
            text = f"w.c.s. does not know the account {account} (RECONCILE_AS): {said}."
            remedy = "Give an e-mail address or NameID of an account there, or leave the setting empty."
        elif account:
            text = f"Records of the form “{slug}” cannot be read in the name of {account} (RECONCILE_AS): {said}."
            remedy = "Give that account a function of the form's workflow, or leave the setting empty."
        else:
            text = f"Records of the form “{slug}” cannot be read: {said}."
            remedy = (
                f"If {service.orig} is an API access of w.c.s., take its roles away: a mere signature sees records."
            )
        return Line(code, Level.WARNING, text, f"{remedy} manage.py reconcile needs it.")
    return Line(code, Level.OK, f"Records of the form “{slug}” can be compared with appointments.")

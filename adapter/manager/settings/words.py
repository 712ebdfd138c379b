"""Settings turned into words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from adapter.agendas.models import Agenda, AuditEvent, Closure, Desk, MeetingType
from adapter.agendas.period_words import hours_in_words, weekdays_in_words
from adapter.agendas.services.transfer import Change
from adapter.dates import date_text

EVENTS: dict[str, Promise] = {
    "agenda.created": gettext_lazy("Agenda created"),
    "agenda.changed": gettext_lazy("Settings changed"),
    "agenda.renamed": gettext_lazy("Identifier changed"),
    "agenda.duplicated": gettext_lazy("Made as a copy of another agenda"),
    "agenda.deleted": gettext_lazy("Agenda removed"),
    "agenda.imported": gettext_lazy("Settings imported"),
    "members.changed": gettext_lazy("Real agendas changed"),
    "meeting_type.created": gettext_lazy("Meeting type added"),
    "meeting_type.changed": gettext_lazy("Meeting type changed"),
    "meeting_type.moved": gettext_lazy("Meeting type moved in the list"),
    "meeting_type.deleted": gettext_lazy("Meeting type removed"),
    "desk.created": gettext_lazy("Desk added"),
    "desk.changed": gettext_lazy("Desk changed"),
    "desk.moved": gettext_lazy("Desk moved in the list"),
    "desk.deleted": gettext_lazy("Desk removed"),
    "opening.created": gettext_lazy("Opening period added"),
    "opening.changed": gettext_lazy("Opening period changed"),
    "opening.deleted": gettext_lazy("Opening period removed"),
    "opening.copied": gettext_lazy("Opening periods copied from another desk"),
    "excluded.created": gettext_lazy("Excluded period added"),
    "excluded.changed": gettext_lazy("Excluded period changed"),
    "excluded.deleted": gettext_lazy("Excluded period removed"),
    "closure.created": gettext_lazy("Exception added"),
    "closure.changed": gettext_lazy("Exception changed"),
    "closure.deleted": gettext_lazy("Exception removed"),
    "source.created": gettext_lazy("Calendar of exceptions added"),
    "source.changed": gettext_lazy("Calendar of exceptions changed"),
    "source.deleted": gettext_lazy("Calendar of exceptions removed"),
    "source.refreshed": gettext_lazy("Calendar of exceptions read again: something had changed"),
    "source.failed": gettext_lazy("Calendar of exceptions could not be read"),
    "feed.created": gettext_lazy("Address of a calendar feed made"),
    "feed.revoked": gettext_lazy("Address of a calendar feed revoked"),
}

SUBDIVISIONS: dict[str, Promise] = {
    "57": gettext_lazy("Moselle"),
    "67": gettext_lazy("Bas-Rhin"),
    "68": gettext_lazy("Haut-Rhin"),
    "6AE": gettext_lazy("Alsace"),
    "971": gettext_lazy("Guadeloupe"),
    "972": gettext_lazy("Martinique"),
    "973": gettext_lazy("French Guiana"),
    "974": gettext_lazy("Réunion"),
    "976": gettext_lazy("Mayotte"),
    "BL": gettext_lazy("Saint-Barthélemy"),
    "MF": gettext_lazy("Saint-Martin"),
    "NC": gettext_lazy("New Caledonia"),
    "PF": gettext_lazy("French Polynesia"),
    "PM": gettext_lazy("Saint-Pierre-et-Miquelon"),
    "TF": gettext_lazy("French Southern Territories"),
    "WF": gettext_lazy("Wallis and Futuna"),
    "Flemish": gettext_lazy("Flemish Community"),
    "French": gettext_lazy("French Community"),
    "German": gettext_lazy("German-speaking Community"),
}


def subdivision_in_words(code: str) -> str:
    """The name of a part of a country."""
    return str(SUBDIVISIONS.get(code, code))


def span_in_words(start: datetime.datetime, end: datetime.datetime) -> str:
    """When something begins and ends, local time; whole days without their hours."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = start.astimezone(zone), end.astimezone(zone)
    midnight = datetime.time.min
    if start.time() == end.time() == midnight:
        last = end.date() - datetime.timedelta(days=1)
        if start.date() == last:
            return date_text(start.date())
        names = {"first": date_text(start.date()), "last": date_text(last)}
        return _("from %(first)s to %(last)s") % names
    if start.date() == end.date():
        return f"{date_text(start.date())}, {start:%H:%M} – {end:%H:%M}"
    return _("from %(first)s to %(last)s") % {
        "first": f"{date_text(start.date())} {start:%H:%M}",
        "last": f"{date_text(end.date())} {end:%H:%M}",
    }


def closure_in_words(closure: Closure) -> str:
    """When an exception is."""
    return span_in_words(closure.start, closure.end)


def desks_in_words(names: Sequence[str], total: int) -> str:
    """Names of desks; a word when they are all that there are."""
    if total > 1 and len(names) == total:
        return _("all desks")
    return ", ".join(names) or _("no desk")


def event_details(event: AuditEvent) -> list[str]:
    """What an event of the settings says besides its name, a short text each."""
    data: dict[str, Any] = event.data if isinstance(event.data, dict) else {}
    texts = [str(data["label"])] if data.get("label") and not event.code.startswith("closure") else []
    changes = data.get("changes")
    if isinstance(changes, dict):
        for name, (before, after) in changes.items():
            names = {"name": _column_name(event.code, name), "before": _value(before), "after": _value(after)}
            texts.append(_("%(name)s: %(before)s → %(after)s") % names)
    if data.get("fields"):
        texts.append(", ".join(_column_name(event.code, name) for name in data["fields"]))
    if data.get("start") and not event.code.startswith("closure"):
        texts.append(_times_of_event(data))
    if event.code.startswith("closure") and data.get("start"):
        moments = [datetime.datetime.fromisoformat(data[name]) for name in ("start", "end")]
        texts.append(span_in_words(moments[0], moments[1]))
    if data.get("desks"):
        texts.append(", ".join(data["desks"]))
    if data.get("from"):
        texts.append(str(data["from"]))
    if event.code == "source.failed":
        texts.append(source_error_in_words(str(data.get("error", ""))))
    return texts


def _times_of_event(data: dict[str, Any]) -> str:
    """Days and hours of periods that were added, changed or removed."""
    days = data.get("weekdays")
    if days:
        when = weekdays_in_words(days, data.get("weeks", []))
    else:
        when = date_text(datetime.date.fromisoformat(data["date"])) if data.get("date") else ""
    start, end = (datetime.time.fromisoformat(data[name]) for name in ("start", "end"))
    return f"{capfirst(when)}, {hours_in_words(start, end)}"


def _value(text: str) -> str:
    return {"": "–", "True": _("yes"), "False": _("no")}.get(text, text)


def _column_name(code: str, name: str) -> str:
    if name == "members":
        return _("Real agendas")
    model = {"desk": Desk, "meeting_type": MeetingType}.get(code.partition(".")[0], Agenda)
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def days_count(count: int) -> str:
    """``3 closures to come``."""
    return ngettext("%(count)d closure to come", "%(count)d closures to come", count) % {"count": count}


ACTIONS: dict[str, Promise] = {
    "create": gettext_lazy("New"),
    "update": gettext_lazy("Changed"),
    "remove": gettext_lazy("Removed"),
    "disable": gettext_lazy("Disabled, because it has a history"),
}
KINDS: dict[str, Promise] = {
    "agenda": gettext_lazy("agenda"),
    "category": gettext_lazy("category"),
    "role": gettext_lazy("role"),
    "meeting type": gettext_lazy("meeting type"),
    "desk": gettext_lazy("desk"),
    "opening": gettext_lazy("opening period"),
    "excluded period": gettext_lazy("excluded period"),
    "member": gettext_lazy("real agenda"),
    "exception": gettext_lazy("exception"),
    "exception source": gettext_lazy("calendar of exceptions"),
}


def change_in_words(change: Change) -> tuple[str, str, str, str]:
    """A change of an import: what happens, to what kind of thing, its name, and the columns concerned."""
    model = {"desk": Desk, "meeting type": MeetingType}.get(change.kind, Agenda)
    known = {field.name: str(getattr(field, "verbose_name", field.name)) for field in model._meta.get_fields()}
    columns = ", ".join(known.get(name, name) for name in change.fields)
    action, kind = ACTIONS.get(change.action, change.action), KINDS.get(change.kind, change.kind)
    return str(action), str(kind), change.name, columns


# What reading an address may end with (see ``safe_fetch``), kept in English, in words for people.
FETCH_ERRORS: tuple[tuple[re.Pattern[str], Promise], ...] = (
    (
        re.compile(r"\A(?P<host>.*) is on a private network"),
        gettext_lazy(
            "%(host)s is on a private network. An administrator can allow it in the setting ICS_PRIVATE_HOSTS_ALLOWED"
        ),
    ),
    (re.compile(r"HTTP (?P<status>\d+)"), gettext_lazy("the server answers %(status)s, check the address")),
    (re.compile(r"\Acannot be read \(.*\)"), gettext_lazy("the server does not answer")),
    (re.compile(r"too many redirects"), gettext_lazy("the address leads from one to another without end")),
    (re.compile(r"only http.*"), gettext_lazy("only http:// and https:// addresses can be read")),
    (re.compile(r"larger than (?P<size>\d+) MiB"), gettext_lazy("the calendar is larger than %(size)s MiB")),
    (re.compile(r"not read within (?P<seconds>\d+) seconds"), gettext_lazy("the server is too slow")),
)


def source_error_in_words(error: str) -> str:
    """Why a calendar of exceptions could not be read, without a full stop."""
    error = error.rstrip(".")
    for pattern, words in FETCH_ERRORS:
        found = pattern.fullmatch(error)
        if found:
            return str(words) % found.groupdict()
    return error[:1].lower() + error[1:]

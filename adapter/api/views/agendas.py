"""Agendas, and what belongs to one: desks, resources (chrono-api §3, §4.3, §4.4)."""

from __future__ import annotations

from django.http import HttpResponse

from adapter.agendas.errors import UnknownAgenda
from adapter.agendas.items import agenda_item
from adapter.agendas.models import Agenda
from adapter.agendas.queries.snapshot import load_snapshot
from adapter.api.answers import success
from adapter.api.calls import Call


def list_agendas(call: Call) -> HttpResponse:
    """All agendas by label; filters ``q`` (in the slug), ``category``, ``kind``, ``with_open_events``."""
    text, category, kind = (call.query.text(name) for name in ("q", "category", "kind"))
    with_open_events = call.query.boolean("with_open_events")
    call.query.check()
    if with_open_events:
        # Agendas here have no events, hence no open ones.
        return success(data=[])
    found = Agenda.objects.select_related("category", "view_role", "edit_role")
    if text:
        found = found.filter(slug__contains=text.lower())
    if category:
        found = found.filter(category__slug=category)
    if kind:
        found = found.filter(kind=kind)
    return success(data=[agenda_item(agenda, with_roles=call.signed) for agenda in found])


def read_agenda(call: Call, agenda: str) -> HttpResponse:
    """One agenda."""
    found = Agenda.objects.select_related("category", "view_role", "edit_role").filter(slug=agenda).first()
    if found is None:
        raise UnknownAgenda(agenda)
    return success(data=agenda_item(found, with_roles=call.signed))


def list_desks(call: Call, agenda: str) -> HttpResponse:
    """Desks in order; those of all its real agendas on a virtual one, where ids may repeat."""
    snapshot, _versions = load_snapshot(agenda)
    return success(
        data=[{"id": desk.slug, "text": desk.label} for real in snapshot.real_agendas for desk in real.desks]
    )


def list_resources(call: Call, agenda: str) -> HttpResponse:
    """None: agendas here have no shared resources; the address is there because callers read it."""
    load_snapshot(agenda)
    return success(data=[])

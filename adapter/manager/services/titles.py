"""Titles of forms, as agents know them: kept here, so that no calendar ever waits for w.c.s."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from adapter.agendas.models import Agenda
from adapter.manager.models import FormTitle
from adapter.wcs.services import WcsError, form_schema

# After that it is asked for again; the second one after a failure, which keeps the title known before.
KEPT, KEPT_UNKNOWN = datetime.timedelta(days=1), datetime.timedelta(minutes=10)
LONGEST = 250


def known_titles(slugs: Iterable[str]) -> dict[str, str]:
    """The title of each form, its slug where the title is not known here. One query, none for no form."""
    wanted = {slug for slug in slugs if slug}
    if not wanted:
        return {}
    rows = FormTitle.objects.filter(slug__in=wanted).exclude(title="")
    found = dict(rows.values_list("slug", "title"))
    return {slug: found.get(slug, slug) for slug in wanted}


def learn_title(slug: str, *, now: datetime.datetime) -> bool:
    """Ask w.c.s. for the title, unless it was asked lately; ``False`` when it is not known: that matters to nobody."""
    known = FormTitle.objects.filter(slug=slug).first()
    if known is not None and known.asked_at > now - (KEPT if known.title else KEPT_UNKNOWN):
        return bool(known.title)
    try:
        told = {"title": form_schema(slug).title[:LONGEST], "asked_at": now}
    except WcsError:
        # What was known stays known; it is asked again in some minutes, not at each look.
        told = {"asked_at": now - KEPT + KEPT_UNKNOWN if known is not None and known.title else now}
    FormTitle.objects.update_or_create(slug=slug, defaults=told)
    return bool(told.get("title"))


def learn_titles(*, now: datetime.datetime) -> int:
    """Ask for the titles of all forms in which agents book here; returns how many are known."""
    slugs = Agenda.objects.filter(backoffice_booking_enabled=True).exclude(form_slug="").order_by("form_slug")
    return sum(learn_title(slug, now=now) for slug in slugs.values_list("form_slug", flat=True).distinct())

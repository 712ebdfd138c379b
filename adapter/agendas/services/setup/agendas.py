"""An agenda as a whole: made, changed, renamed, duplicated, removed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.utils.translation import gettext as _

from adapter.agendas.errors import InvalidPayload
from adapter.agendas.models import Agenda, Category
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.setup.rows import free_slug, refuse, refuse_taken, refuse_while_held, save, setting_up
from adapter.agendas.services.transfer import TransferError, export_agendas, import_agendas
from adapter.agendas.services.uses import (
    around,
    forget_ended_locks,
    reasons_to_keep,
    virtual_agendas_of,
    was_used,
)

OPTIONS = frozenset(
    {
        "label",
        "minimal_booking_delay",
        "maximal_booking_delay",
        "minimal_booking_time",
        "slot_step",
        "lock_duration",
        "view_role",
        "edit_role",
        "booking_role",
    }
)


def create_agenda(
    label: str,
    kind: str,
    *,
    slug: str = "",
    category: str = "",
    roles: Mapping[str, Group | None] | None = None,
    now: datetime.datetime,
    actor: Actor,
) -> Agenda:
    """A new agenda, empty so far. Without a ``slug`` one is made of the label; ``category`` is a label, maybe new.

    A virtual one begins with no delays of its own. ``roles`` are by column. Raises ``InvalidPayload``.
    """
    values: dict[str, Any] = {"label": label.strip(), "kind": kind, **(roles or {})}
    if kind == Agenda.Kind.VIRTUAL:
        values |= {"minimal_booking_delay": None, "maximal_booking_delay": None}
    agenda = Agenda()
    try:
        with exclusive():
            values["slug"] = free_slug(slug, label, Agenda.objects.all())
            refuse_taken(values["slug"], Agenda.objects.all())
            values["category"] = _category(category)
            save(agenda, values)
            record(actor, now, [Entry("agenda.created", agenda.pk, None, {"slug": agenda.slug, "kind": kind})])
    except IntegrityError:
        raise refuse(_("An agenda with this identifier has just been made."), "slug") from None
    return agenda


def change_agenda(
    agenda: Agenda, values: Mapping[str, Any], *, now: datetime.datetime, actor: Actor, category: str | None = None
) -> Agenda:
    """Change options of an agenda (names of columns, see ``OPTIONS``) and its category (a label; empty: none).

    Raises ``InvalidPayload``; nothing was changed then.
    """
    unknown = set(values) - OPTIONS
    if unknown:
        raise ValueError(f"not to be changed here: {', '.join(sorted(unknown))}")
    with setting_up(agenda):
        row = Agenda.objects.get(pk=agenda.pk)
        wanted = dict(values)
        if category is not None:
            wanted["category"] = _category(category)
        _check_options(row, wanted)
        changes = save(row, wanted)
        if changes:
            record(actor, now, [Entry("agenda.changed", row.pk, None, {"changes": changes})])
    return row


def _check_options(agenda: Agenda, values: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    least = values.get("minimal_booking_delay", agenda.minimal_booking_delay)
    most = values.get("maximal_booking_delay", agenda.maximal_booking_delay)
    if least is not None and most is not None and most <= least:
        errors["maximal_booking_delay"] = [_("The maximal delay must be longer than the minimal one.")]
    duration = values.get("lock_duration")
    shortest, longest = settings.LOCK_DURATION_MIN, settings.LOCK_DURATION_MAX
    if duration is not None and not shortest <= duration <= longest:
        errors["lock_duration"] = [
            _("Between %(least)g and %(most)g minutes are allowed here.")
            % {"least": shortest / 60, "most": longest / 60}
        ]
    if values.get("slot_step") == 0:
        errors["slot_step"] = [_("Give at least one minute, or leave this empty.")]
    if agenda.kind == Agenda.Kind.VIRTUAL and values.get("slot_step") is not None:
        errors["slot_step"] = [_("Each real agenda has its own.")]
    if errors:
        raise InvalidPayload(errors)


def _category(label: str) -> Category | None:
    """The category of that label, made when there is none yet."""
    label = label.strip()
    if not label:
        return None
    found = Category.objects.filter(label=label).first()
    if found is not None:
        return found
    category = Category()
    try:
        save(category, {"label": label, "slug": free_slug("", label, Category.objects.all())})
    except InvalidPayload as error:
        raise InvalidPayload({"category": [text for texts in error.errors.values() for text in texts]}) from None
    return category


def rename_agenda(agenda: Agenda, slug: str, *, now: datetime.datetime, actor: Actor) -> Agenda:
    """Give an agenda that was never booked another identifier.

    w.c.s. keeps the identifier in the addresses of its data sources and calls: once used, it stays. Raises
    ``InvalidPayload``.
    """
    with setting_up(agenda):
        row = Agenda.objects.get(pk=agenda.pk)
        reasons = [] if slug == row.slug else reasons_against_renaming(row)
        if reasons:
            raise InvalidPayload({"slug": reasons})
        refuse_taken(slug, Agenda.objects.exclude(pk=row.pk))
        changes = save(row, {"slug": slug})
        if changes:
            record(actor, now, [Entry("agenda.renamed", row.pk, None, {"changes": changes})])
    return row


def reasons_against_renaming(agenda: Agenda) -> list[str]:
    """Why the identifier of an agenda must stay as it is, a sentence each."""
    reasons = []
    if was_used(around(agenda)):
        reasons.append(
            _("Slots of this agenda were held or booked: forms and their records know it by this identifier.")
        )
    if agenda.backoffice_booking_enabled:
        reasons.append(_("Backoffice booking is enabled: the form would look for slots under the old identifier."))
    return reasons


def duplicate_agenda(agenda: Agenda, label: str, *, slug: str = "", now: datetime.datetime, actor: Actor) -> Agenda:
    """A new agenda with the same settings, and no bookings. Raises ``InvalidPayload``."""
    try:
        with exclusive():
            slug = free_slug(slug, label, Agenda.objects.all())
            # Checks label and slug as for any new agenda.
            made = create_agenda(label, agenda.kind, slug=slug, now=now, actor=actor)
            document = export_agendas([agenda.slug])
            [settings_of] = [item for item in document["agendas"] if item["slug"] == agenda.slug]
            copy = {**settings_of, "slug": slug, "label": made.label}
            import_agendas({**document, "agendas": [copy]}, now=now, actor=actor)
            record(actor, now, [Entry("agenda.duplicated", made.pk, None, {"from": agenda.slug})])
    except TransferError as error:
        raise InvalidPayload({"__all__": [problem.sentence for problem in error.problems]}) from None
    return Agenda.objects.get(pk=made.pk)


def reasons_against_deleting(agenda: Agenda, *, now: datetime.datetime) -> list[str]:
    """Why an agenda cannot be removed, a sentence each, and what to do instead."""
    advice = _("Disable the desks or the meeting types instead: the history stays, nothing more can be booked.")
    if agenda.kind == Agenda.Kind.VIRTUAL:
        advice = _("Take its real agendas out instead: the history stays, nothing more can be booked.")
    return [*_memberships(agenda), *reasons_to_keep(around(agenda), advice, now=now)]


def _memberships(agenda: Agenda) -> list[str]:
    names = ", ".join(item.label for item in virtual_agendas_of(agenda))
    return (
        [_("It is part of the virtual agendas: %(names)s. Take it out there first.") % {"names": names}]
        if names
        else []
    )


def delete_agenda(agenda: Agenda, *, now: datetime.datetime, actor: Actor) -> None:
    """Remove an agenda that has no bookings, no live locks and is in no virtual agenda.

    Its ended locks go with it. Raises ``InvalidPayload`` with every reason.
    """
    with setting_up(agenda):
        reasons = reasons_against_deleting(agenda, now=now)
        if reasons:
            raise InvalidPayload({"__all__": reasons})
        forget_ended_locks(around(agenda), now=now)
        record(actor, now, [Entry("agenda.deleted", None, None, {"slug": agenda.slug, "label": agenda.label})])
        Agenda.objects.get(pk=agenda.pk).delete()


def set_members(virtual: Agenda, reals: Iterable[Agenda], *, now: datetime.datetime, actor: Actor) -> None:
    """Make a virtual agenda be a union of ``reals``.

    Raises ``InvalidPayload`` for an agenda that is no meetings agenda, and while slots are held through it: the kinds
    of appointments that all share may not be the same afterwards.
    """
    wanted = {agenda.pk: agenda for agenda in reals}
    if virtual.kind != Agenda.Kind.VIRTUAL or any(item.kind != Agenda.Kind.MEETINGS for item in wanted.values()):
        raise refuse(_("A virtual agenda is made of meetings agendas."), "members")
    with setting_up(virtual):
        existing = {row.real_id: row for row in virtual.members.select_related("real")}
        if set(existing) == set(wanted):
            return
        refuse_while_held(around(virtual), "members", now=now)
        before = sorted(row.real.slug for row in existing.values())
        virtual.members.exclude(real__in=wanted).delete()
        for pk in sorted(set(wanted) - set(existing)):
            virtual.members.create(real=wanted[pk])
        after = sorted(item.slug for item in wanted.values())
        changes = {"members": [", ".join(before), ", ".join(after)]}
        record(actor, now, [Entry("members.changed", virtual.pk, None, {"changes": changes})])

"""Setting agendas up: what the settings pages may change, and what they refuse."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group

from adapter.agendas.errors import InvalidPayload, UnknownAgenda
from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState, Category, Desk, MeetingType
from adapter.agendas.services import (
    Actor,
    BookingRequest,
    HoldRequest,
    SlotQuery,
    cancel,
    confirm,
    hold,
    list_slots,
    release_locks,
)
from adapter.agendas.services.setup import (
    add_desk,
    add_meeting_type,
    change_agenda,
    change_desk,
    change_meeting_type,
    create_agenda,
    delete_agenda,
    delete_desk,
    delete_meeting_type,
    duplicate_agenda,
    match_members,
    move,
    reasons_against_deleting,
    rename_agenda,
    set_members,
)
from adapter.agendas.services.setup import agendas as agenda_services
from adapter.agendas.services.setup import places as place_services
from adapter.agendas.services.transfer import export_agendas
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
ADMIN = Actor.agent("admin")
WHO = {"now": NOW, "actor": ADMIN}
SLOT = "passeport:2026-11-24-0900"
LATER = NOW + datetime.timedelta(hours=1)


def refused(call, *arguments, **options) -> dict[str, list[str]]:
    """The sentences of a refusal; nothing may have changed."""
    before = export_agendas()
    events = AuditEvent.objects.count()
    with pytest.raises(InvalidPayload) as refusal:
        call(*arguments, **options)
    assert export_agendas() == before
    assert AuditEvent.objects.count() == events
    return refusal.value.errors


def last_event() -> AuditEvent:
    event = AuditEvent.objects.first()
    assert event is not None
    return event


def free(agenda: str = "mairie", meeting_type: str = "passeport") -> int:
    return len(list_slots(agenda, meeting_type, SlotQuery(), now=NOW).offer.free)


# -- An agenda as a whole


def test_an_agenda_is_made_out_of_a_label() -> None:
    agenda = create_agenda("État civil", "meetings", category="Mairie", **WHO)
    assert (agenda.slug, agenda.label, agenda.maximal_booking_delay) == ("etat-civil", "État civil", 56)
    assert agenda.category == Category.objects.get(slug="mairie", label="Mairie")
    assert create_agenda("État civil", "meetings", category="Mairie", **WHO).slug == "etat-civil-2"
    assert Category.objects.count() == 1
    assert (last_event().code, last_event().actor) == ("agenda.created", "admin")


def test_a_virtual_agenda_begins_with_the_delays_of_its_real_ones() -> None:
    agenda = create_agenda("Toutes", "virtual", **WHO)
    assert (agenda.minimal_booking_delay, agenda.maximal_booking_delay) == (None, None)


@pytest.mark.parametrize(
    ("label", "kind", "slug", "field"),
    [
        ("", "meetings", "x", "label"),
        ("x" * 151, "meetings", "x", "label"),
        ("X", "events", "x", "kind"),
        ("X", "meetings", "Bad Slug", "slug"),
        ("X", "meetings", "mairie", "slug"),
    ],
)
def test_an_agenda_that_makes_no_sense_is_refused(label, kind, slug, field) -> None:
    make_agenda()
    assert field in refused(create_agenda, label, kind, slug=slug, **WHO)


def test_options_are_changed_and_told() -> None:
    agenda = make_agenda()
    role = Group.objects.create(name="Agents")
    change_agenda(agenda, {"label": "Hôtel de ville", "booking_role": role}, category="Ville", **WHO)
    agenda.refresh_from_db()
    assert (agenda.label, agenda.booking_role, str(agenda.category)) == ("Hôtel de ville", role, "Ville")
    changes = last_event().data["changes"]
    assert changes == {
        "label": ["Mairie", "Hôtel de ville"],
        "booking_role": ["", "Agents"],
        "category": ["", "Ville"],
    }


def test_a_change_that_changes_nothing_tells_nothing() -> None:
    change_agenda(make_agenda(), {"label": "Mairie"}, **WHO)
    assert not AuditEvent.objects.exists()


def test_a_change_is_seen_by_the_very_next_list() -> None:
    agenda = make_agenda()
    before = free()
    change_agenda(agenda, {"maximal_booking_delay": 7}, **WHO)
    assert 0 < free() < before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"minimal_booking_delay": 7, "maximal_booking_delay": 7}, "maximal_booking_delay"),
        ({"minimal_booking_delay": 60}, "maximal_booking_delay"),
        ({"maximal_booking_delay": 99999}, "maximal_booking_delay"),
        ({"lock_duration": 299}, "lock_duration"),
        ({"lock_duration": 1201}, "lock_duration"),
        ({"slot_step": 0}, "slot_step"),
        ({"slot_step": 1441}, "slot_step"),
        ({"label": ""}, "label"),
    ],
)
def test_options_that_make_no_sense_are_refused(values, field) -> None:
    assert field in refused(change_agenda, make_agenda(), values, **WHO)


@pytest.mark.parametrize("seconds", [300, 1200, None])
def test_locks_may_last_as_long_as_the_site_allows(seconds) -> None:
    assert change_agenda(make_agenda(), {"lock_duration": seconds}, **WHO).lock_duration == seconds


def test_what_has_its_own_service_is_not_changed_here() -> None:
    with pytest.raises(ValueError, match="slug"):
        change_agenda(make_agenda(), {"slug": "x"}, **WHO)


def test_a_virtual_agenda_has_no_grid_of_its_own() -> None:
    assert "slot_step" in refused(change_agenda, make_virtual("toutes", make_agenda()), {"slot_step": 5}, **WHO)


def test_an_unused_agenda_is_renamed_and_the_old_name_is_unknown() -> None:
    agenda = make_agenda()
    free()
    rename_agenda(agenda, "hotel-de-ville", **WHO)
    assert free("hotel-de-ville")
    with pytest.raises(UnknownAgenda):
        free("mairie")


@pytest.mark.parametrize("through", ["mairie", "toutes"])
def test_an_agenda_that_was_used_keeps_its_identifier(through) -> None:
    agenda = make_agenda()
    virtual = make_virtual("toutes", agenda)
    lock = hold(HoldRequest(through, (SLOT,), "K"), now=NOW, actor=ALICE).lock
    release_locks([lock.pk], now=NOW, actor=ALICE)
    assert "slug" in refused(rename_agenda, agenda, "autre", **WHO)
    if through == "toutes":
        assert "slug" in refused(rename_agenda, virtual, "autre", **WHO)
    assert rename_agenda(agenda, "mairie", **WHO).slug == "mairie"


def test_an_agenda_that_forms_book_keeps_its_identifier() -> None:
    agenda = make_agenda(backoffice_booking_enabled=True, form_slug="f", slot_field="creneau")
    assert "slug" in refused(rename_agenda, agenda, "autre", **WHO)


@pytest.mark.parametrize("slug", ["annexe", "Bad", ""])
def test_an_identifier_that_is_taken_or_bad_is_refused(slug) -> None:
    make_agenda("annexe")
    assert "slug" in refused(rename_agenda, make_agenda(), slug, **WHO)


def test_a_copy_has_the_settings_and_none_of_the_bookings() -> None:
    role = Group.objects.create(name="Agents")
    agenda = make_agenda(view_role=role, maximal_booking_delay=30)
    confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE)
    copy = duplicate_agenda(agenda, "Annexe", **WHO)
    [mairie, annexe] = sorted(export_agendas()["agendas"], key=lambda item: item["slug"] == "annexe")
    assert annexe == {**mairie, "slug": "annexe", "label": "Annexe"}
    assert not Booking.objects.filter(agenda=copy).exists()
    assert free("annexe") > 0


def test_the_copy_of_a_virtual_agenda_has_the_same_members() -> None:
    virtual = make_virtual("toutes", make_agenda(), make_agenda("annexe"))
    copy = duplicate_agenda(virtual, "Encore", **WHO)
    assert set(copy.real_agendas.values_list("slug", flat=True)) == {"mairie", "annexe"}


def test_a_copy_never_overwrites_another_agenda() -> None:
    make_agenda("annexe", desks=5)
    assert "slug" in refused(duplicate_agenda, make_agenda(), "Annexe", slug="annexe", **WHO)


def test_an_agenda_that_nobody_booked_is_removed_with_its_ended_locks() -> None:
    agenda = make_agenda()
    hold(HoldRequest("mairie", (SLOT,), "K"), now=NOW, actor=ALICE)
    delete_agenda(agenda, now=LATER, actor=ADMIN)
    assert not Agenda.objects.exists()
    assert not Booking.objects.exists()
    event = last_event()
    assert (event.code, event.data["slug"]) == ("agenda.deleted", "mairie")


def _book(agenda: str = "mairie") -> Booking:
    return confirm(BookingRequest(agenda, (SLOT,)), now=NOW, actor=ALICE).booking


def _lock(agenda: str = "mairie") -> Booking:
    return hold(HoldRequest(agenda, (SLOT,), "K"), now=NOW, actor=ALICE).lock


@pytest.mark.parametrize(
    ("use", "at"),
    [
        (_book, NOW),
        (_book, NOW + datetime.timedelta(days=9)),
        (lambda: cancel(_book().pk, now=NOW, actor=ALICE), NOW),
        (_lock, NOW),
    ],
)
def test_an_agenda_that_is_used_stays_and_the_reason_is_told(use, at) -> None:
    agenda = make_agenda()
    use()
    reason, advice = refused(delete_agenda, agenda, now=at, actor=ADMIN)["__all__"]
    assert reasons_against_deleting(agenda, now=at) == [reason, advice]
    assert reason != advice


def test_the_real_agendas_of_a_virtual_one_stay() -> None:
    agenda = make_agenda()
    virtual = make_virtual("toutes", agenda)
    assert "Toutes" in refused(delete_agenda, agenda, **WHO)["__all__"][0]
    _book("toutes")
    assert list(refused(delete_agenda, virtual, **WHO)) == ["__all__"]


# -- Meeting types and desks


def test_a_meeting_type_is_added_last_and_can_be_booked() -> None:
    agenda = make_agenda()
    added = add_meeting_type(agenda, "Carte d'identité", 15, **WHO)
    assert added.slug == "carte-didentite"
    assert agenda.meeting_types.last() == added
    assert free(meeting_type="carte-didentite") > 0


def test_a_disabled_type_keeps_its_appointments_and_is_not_offered() -> None:
    agenda = make_agenda()
    booking = _book()
    change_meeting_type(booking.meeting_type, {"enabled": False}, **WHO)
    assert Booking.objects.get().meeting_type == booking.meeting_type
    assert agenda.meeting_types.get(slug="passeport").enabled is False
    with pytest.raises(InvalidPayload):
        confirm(BookingRequest("mairie", (SLOT,)), now=NOW, actor=ALICE)


@pytest.mark.parametrize("minutes", [0, 1441, -5])
def test_a_duration_that_makes_no_sense_is_refused(minutes) -> None:
    assert "duration" in refused(add_meeting_type, make_agenda(), "X", minutes, **WHO)


def test_identifiers_are_given_once_an_agenda() -> None:
    agenda = make_agenda()
    make_agenda("annexe", desks=0)
    assert "Passeport" in refused(add_meeting_type, agenda, "X", 5, slug="passeport", **WHO)["slug"][0]
    assert "slug" in refused(add_desk, agenda, "X", slug="guichet-1", **WHO)
    assert "slug" in refused(change_desk, agenda.desks.get(slug="guichet-2"), {"slug": "guichet-1"}, **WHO)
    add_desk(Agenda.objects.get(slug="annexe"), "X", slug="guichet-1", **WHO)


@pytest.mark.parametrize("values", [{"enabled": False}, {"duration": 25}, {"slug": "autre"}])
@pytest.mark.parametrize("through", ["mairie", "toutes"])
def test_what_a_lock_promises_is_not_changed_under_it(values, through) -> None:
    agenda = make_agenda()
    make_virtual("toutes", agenda, make_agenda("annexe"))
    lock = _lock(through)
    row = Agenda.objects.get(slug=lock.agenda.slug).meeting_types.get(slug="passeport")
    [field] = values
    sentences = refused(change_meeting_type, row, values, **WHO)[field]
    assert sentences
    if field != "slug":
        change_meeting_type(row, values, now=LATER, actor=ADMIN)


def test_a_type_is_not_changed_in_one_real_agenda_while_it_is_held_in_another_through_the_virtual_one() -> None:
    agendas = [make_agenda(), make_agenda("annexe")]
    make_virtual("toutes", *agendas)
    lock = _lock("toutes")
    [other] = [agenda for agenda in agendas if agenda.pk != lock.agenda_id]
    refused(change_meeting_type, other.meeting_types.get(slug="passeport"), {"duration": 30}, **WHO)
    confirm(BookingRequest("toutes", (SLOT,), lock_code="K"), now=NOW, actor=ALICE)


@pytest.mark.parametrize("at", [NOW, LATER])
def test_the_identifier_of_a_used_type_or_desk_stays(at) -> None:
    make_agenda()
    lock = _lock()
    assert "slug" in refused(change_meeting_type, lock.meeting_type, {"slug": "x"}, now=at, actor=ADMIN)
    assert "slug" in refused(change_desk, lock.desk, {"slug": "x"}, now=at, actor=ADMIN)


def test_a_lock_is_confirmed_though_its_desk_was_disabled_meanwhile() -> None:
    make_agenda()
    lock = _lock()
    change_desk(lock.desk, {"enabled": False}, **WHO)
    assert confirm(BookingRequest("mairie", (SLOT,), lock_code="K"), now=NOW, actor=ALICE).booking.desk == lock.desk


def test_unused_types_and_desks_are_removed() -> None:
    agenda = make_agenda()
    lock = _lock()
    delete_desk(lock.desk, now=LATER, actor=ADMIN)
    delete_meeting_type(lock.meeting_type, now=LATER, actor=ADMIN)
    assert not Desk.objects.filter(pk=lock.desk_id).exists()
    assert not MeetingType.objects.filter(pk=lock.meeting_type_id).exists()
    assert agenda.desks.count() == 1


@pytest.mark.parametrize("use", [_book, _lock])
def test_used_types_and_desks_stay_and_the_reason_is_told(use) -> None:
    make_agenda()
    row = use()
    for delete, place in ((delete_desk, row.desk), (delete_meeting_type, row.meeting_type)):
        reason, advice = refused(delete, place, **WHO)["__all__"]
        assert reason != advice


@pytest.mark.parametrize(("delete", "module"), [(delete_agenda, agenda_services), (delete_desk, place_services)])
def test_what_is_held_after_the_reasons_were_looked_for_stays_with_what_it_stands_on(
    monkeypatch, delete, module
) -> None:
    lapsed = _lock(agenda=make_agenda().slug)
    # As if nobody took the desks: the slot is held again between the look and the removal.
    name = "reasons_against_deleting" if module is agenda_services else "reasons_to_keep_place"
    held: list[Booking] = []

    def look(*_: object, **__: object) -> list[str]:
        request = HoldRequest("mairie", (SLOT,), "L", desk=lapsed.desk.slug)
        held.append(hold(request, now=LATER, actor=ALICE).lock)
        return []

    monkeypatch.setattr(module, name, look)
    with pytest.raises(InvalidPayload):
        delete(lapsed.desk if delete is delete_desk else lapsed.agenda, now=LATER, actor=ADMIN)
    # The refusal rolled back the hold as well, which was made inside; what matters is that none was told to succeed.
    assert held[0].desk_id == lapsed.desk_id
    assert Desk.objects.filter(pk=lapsed.desk_id).exists()


@pytest.mark.parametrize(("steps", "order"), [(-1, [2, 1, 3]), (1, [1, 3, 2]), (-9, [2, 1, 3]), (9, [1, 3, 2])])
def test_desks_are_moved_in_their_list(steps, order) -> None:
    agenda = make_agenda(desks=3)
    agenda.desks.update(position=0)
    move(agenda.desks.get(slug="guichet-2"), steps, **WHO)
    assert [desk.slug for desk in agenda.desks.all()] == [f"guichet-{number}" for number in order]


def test_a_virtual_agenda_has_no_desks_and_types_of_its_own() -> None:
    virtual = make_virtual("toutes", make_agenda())
    refused(add_desk, virtual, "X", **WHO)
    refused(add_meeting_type, virtual, "X", 5, **WHO)


# -- Virtual agendas


def test_members_are_set_and_the_list_follows() -> None:
    mairie, annexe = make_agenda(desks=1), make_agenda("annexe", desks=1, hours=[("17:00", "18:00")])
    virtual = make_virtual("toutes", mairie)
    before = free("toutes")
    set_members(virtual, [mairie, annexe], **WHO)
    assert free("toutes") > before
    assert last_event().data["changes"] == {"members": ["mairie", "annexe, mairie"]}
    set_members(virtual, [], **WHO)
    assert not virtual.real_agendas.exists()


def test_members_are_meetings_agendas_and_only_virtual_agendas_have_some() -> None:
    mairie = make_agenda()
    virtual = make_virtual("toutes", mairie)
    refused(set_members, virtual, [virtual], **WHO)
    refused(set_members, mairie, [make_agenda("annexe")], **WHO)


def test_members_stay_while_a_slot_is_held_through_the_virtual_agenda() -> None:
    mairie = make_agenda()
    virtual = make_virtual("toutes", mairie)
    _lock("toutes")
    annexe = make_agenda("annexe")
    assert "members" in refused(set_members, virtual, [annexe], **WHO)
    set_members(virtual, [annexe], now=LATER, actor=ADMIN)


def test_types_that_do_not_match_are_named_with_what_is_wrong() -> None:
    mairie = make_agenda(types={"a": 10, "b": 20, "c": 30})
    annexe = make_agenda("annexe", types={"a": 10, "b": 25, "d": 5})
    found = match_members(make_virtual("toutes", mairie, annexe))
    assert [item.slug for item in found.shared] == ["a"]
    assert {item.slug: [agenda.slug for agenda in item.missing] for item in found.mismatches} == {
        "b": [],
        "c": ["annexe"],
        "d": ["mairie"],
    }
    durations = {item.slug: sorted(minutes for _agenda, minutes in item.durations) for item in found.mismatches}
    assert durations == {"b": [20, 25], "c": [], "d": []}
    mairie.meeting_types.update(enabled=False)
    assert match_members(Agenda.objects.get(slug="toutes")).shared == ()


def test_a_state_that_is_not_there_any_more_is_no_reason() -> None:
    make_agenda()
    lock = _lock()
    release_locks([lock.pk], now=NOW, actor=ALICE)
    assert Booking.objects.get().state == BookingState.RELEASED
    delete_desk(lock.desk, **WHO)


@pytest.mark.parametrize("changed", ["mairie", "toutes"])
def test_a_hold_through_a_virtual_agenda_starts_again_when_any_of_its_agendas_changes(changed) -> None:
    agendas = [make_agenda(), make_agenda("annexe")]
    make_virtual("toutes", *agendas)
    alone = make_agenda("seul").desks.all()[0]
    before = dict(Desk.objects.values_list("pk", "version"))
    change_agenda(Agenda.objects.get(slug=changed), {"label": "Autre"}, **WHO)
    after = dict(Desk.objects.values_list("pk", "version"))
    moved = {pk for pk in before if after[pk] != before[pk]}
    assert moved == set(before) - {alone.pk, *alone.agenda.desks.values_list("pk", flat=True)}

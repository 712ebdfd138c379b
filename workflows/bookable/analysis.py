"""The slot, type and agenda fields of a form, its holds, and the bookings and cancellations of its workflows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workflows.reader import (
    DataSource,
    Field,
    FieldOwner,
    Form,
    FormAction,
    Library,
    NamedCall,
    Pair,
    WebserviceCall,
    Workflow,
)

from .expressions import Place, booking_places, is_booking_url, is_cancel_url, named_calls, places, variables

DATETIMES = re.compile(r"datetimes")
MEETINGS = re.compile(r"meetings_url|/meetings/?$")
#: Data sources that w.c.s. makes from the agendas by itself: slots come with the lock code (wcs-runtime.md §6.7).
GENERATED = re.compile(r"(?:chrono_ds_)?agenda[-_](?:events|meetings|virtual|partial|free)")
GENERATED_EVENTS = re.compile(r"(?:chrono_ds_)?agenda[-_]events")
#: Those of agendas of meetings, taken apart; parts of an agenda's own name may look like their ends.
GENERATED_MEETINGS = re.compile(
    r"(?s)(?:chrono_ds_)?agenda[-_](?P<kind>meetings|virtual)[-_](?P<agenda>.+?)[-_]"
    r"(?P<what>meetingtypes|mtdynamic|mt[-_](?P<type>(?!.*[-_](?:meetingtypes|mtdynamic)$).+))"
)
#: An agenda of events lists its slots by itself, one of meetings those of a meeting type.
EVENTS_PATH = re.compile(r"/agendas?/(?:[^/]+/)?datetimes")
AGENDAS = re.compile(r"/agenda/?(?:\?|$)")
CHOSEN_URL = re.compile(r"form_(?P<kind>var|option)_(?P<varname>\w+?)(?:_structured)?_api_datetimes_url")
#: Calls that `make-bookable` and the kit name; earlier versions gave the first name to the call of every form.
SHARED_CALL, OWN_CALL = "preblocage_creneau", re.compile(r"preblocage_\w+|rdv_preblocage")


@dataclass
class SlotField:
    """A field in which a slot is chosen; `form_action` is set when it stands in the form of an action."""

    field: Field
    form_action: FormAction | None = None

    @property
    def embedded(self) -> bool:
        """Whether it stands in the form of an action."""
        return self.form_action is not None


@dataclass
class BookingAction:
    """A webservice action that books; `slots` are the fields it takes the slot from."""

    action: WebserviceCall
    workflow: Workflow
    slots: list[SlotField] = field(default_factory=list)

    def pair(self, name: str) -> Pair | None:
        """One entry of its body."""
        return next((pair for pair in self.action.post_data if pair.name == name), None)


#: Keys that tell for whom a slot is booked; a call that only holds has none of them.
ABOUT_A_RECORD = ("backoffice_url", "form_url", "label", "user_name", "user_last_name", "user_display_label")
FALSE = ("", "false", "0", "no", "off", "non", "none")


def body_of(action: WebserviceCall) -> dict[str, str]:
    """Names and templates of a body."""
    return {pair.name: pair.value for pair in action.post_data}


def confirms(action: WebserviceCall) -> bool:
    """Whether it books what its lock code holds."""
    return body_of(action).get("confirm_after_lock", "").strip().lower() not in FALSE


def only_holds(action: WebserviceCall, bookings: list[WebserviceCall]) -> bool:
    """Whether an action holds on purpose: it names a code and no record, and another one confirms."""
    body = body_of(action)
    return (
        bool(body.get("lock_code"))
        and not confirms(action)
        and not any(body.get(name) for name in ABOUT_A_RECORD)
        and any(confirms(other) and body_of(other).get("lock_code") for other in bookings if other != action)
    )


@dataclass
class HoldCall:
    """A named call that holds; `call` is `None` when its file was not given."""

    slug: str
    call: NamedCall | None

    def pair(self, name: str) -> Pair | None:
        """One entry of its body."""
        return next((pair for pair in self.call.post_data if pair.name == name), None) if self.call else None

    def holds(self, field: Field) -> bool:
        """Whether it holds what is chosen in a field; a call that was not given is taken at its name."""
        return self.call is None or any(
            place.form == "" and place.rest == field.varname for place in booking_places(self.call.url)
        )


@dataclass
class Analysis:
    """What was found. Lists are in the order of the files."""

    form: Form
    workflows: list[Workflow]
    library: Library
    slots: list[SlotField]
    bookings: list[BookingAction]
    cancels: list[WebserviceCall]
    holds: list[HoldCall]
    meeting_type: Field | None
    agenda: Field | None
    in_blocks: list[Field]

    @property
    def own_slots(self) -> list[SlotField]:
        """Slot fields of the form itself."""
        return [slot for slot in self.slots if not slot.embedded]

    def is_events(self, slot: SlotField) -> bool:
        """Whether it chooses an event, which has no lock to hold here."""
        source = slot.field.data_source
        if source is None:
            return False
        value = self.source_value(slot)
        if GENERATED_EVENTS.match(source.named) or (EVENTS_PATH.search(value) and "/meetings/" not in value):
            return True
        # Of several addresses, the first that is there counts: one of a meeting type is none of an event.
        lists = [found for name in variables(value) if (found := CHOSEN_URL.fullmatch(name.replace(".", "_")))]
        return (bool(lists) and all(map(self._is_agendas_own, lists))) or self._counts_places(slot)

    def _is_agendas_own(self, found: re.Match[str]) -> bool:
        """Whether a variable is the list of an agenda, not of a meeting type: only events have one."""
        if found["kind"] == "var":
            chosen = self.form.by_varname(found["varname"])
        else:
            owners = [owner for workflow in self.workflows for owner in workflow.field_owners()]
            chosen = [item for owner in owners for item in owner.by_varname(found["varname"])]
        for one in chosen:
            named = one.data_source.named if one.data_source else ""
            template = source_template(one, self.library)
            if "meetingtypes" in named or MEETINGS.search(template):
                return False
            if GENERATED_EVENTS.match(named) or AGENDAS.search(template.strip()):
                return True
        return found["kind"] == "option"

    def _counts_places(self, slot: SlotField) -> bool:
        """Whether something reads the places of what is chosen: meetings have none."""
        varname = slot.field.varname
        read = re.compile(rf"_var_({re.escape(varname)}_(?:structured_)?(?:places|waiting_list)\w*)".encode(), re.ASCII)
        documents = [self.form.document, *(workflow.document for workflow in self.workflows)]
        names = {match[1].decode() for document in documents for match in read.finditer(document.raw)}
        owners = [self.form, *(owner for workflow in self.workflows for owner in workflow.field_owners())]
        # A field of that very name is another one.
        others = {
            field.varname for owner in owners for field in owner.fields if field.varname.startswith(f"{varname}_")
        }
        return any(not any(f"{name}_".startswith(f"{other}_") for other in others) for name in names)

    def source_value(self, slot: SlotField) -> str:
        """The address template of its slots, followed into a named data source."""
        source = slot.field.data_source
        if source is None:
            return ""
        if source.inline:
            return source.value
        named = self.library.data_source(source.named)
        return named.value if named else ""

    def named_source(self, slot: SlotField) -> DataSource | None:
        """The named data source of its slots, when its file was given."""
        source = slot.field.data_source
        return self.library.data_source(source.named) if source is not None and source.named else None


def analyse(
    form: Form,
    workflows: list[Workflow],
    library: Library,
    *,
    slot_field: str = "",
    meeting_type_field: str = "",
    agenda_field: str = "",
) -> Analysis:
    """Look at a form with its workflows; `library` holds what they refer to. Named fields are taken at their word."""
    bookings, cancels = _calls(workflows, form)
    slots = _slots(form, workflows, bookings, library, slot_field)
    for booking in bookings:
        wanted = {(place.form, place.rest) for place in _followed(booking.action.url, form)}
        booking.slots = [slot for slot in slots if _key(slot) in wanted]
    meeting_type = _named(form, meeting_type_field) or _meeting_type(form, slots, library)
    agenda = _named(form, agenda_field) or _agenda(form, slots, meeting_type, library)
    return Analysis(
        form=form,
        workflows=workflows,
        library=library,
        slots=slots,
        bookings=bookings,
        cancels=cancels,
        holds=_holds(form, slots, library),
        meeting_type=meeting_type,
        agenda=agenda if agenda != meeting_type else None,
        in_blocks=_in_blocks(form, library),
    )


def _calls(workflows: list[Workflow], form: Form) -> tuple[list[BookingAction], list[WebserviceCall]]:
    bookings, cancels = [], []
    for workflow in workflows:
        for action in workflow.actions():
            if not isinstance(action, WebserviceCall):
                continue
            if action.method in ("POST", "PUT") and (is_booking_url(action.url) or _kept_places(action.url, form)):
                bookings.append(BookingAction(action, workflow))
            elif action.method in ("POST", "DELETE") and is_cancel_url(action.url):
                cancels.append(action)
    return bookings, cancels


def _followed(url: str, form: Form) -> list[Place]:
    """The slot fields of an address, through one computed or text field that keeps the address."""
    return list(dict.fromkeys([*booking_places(url), *_kept_places(url, form)]))


def _kept_places(url: str, form: Form) -> list[Place]:
    found: list[Place] = []
    for place in places(url):
        for keeper in form.by_varname(place.rest) if not place.form else []:
            found += booking_places(keeper.value_template or (keeper.prefill.value if keeper.prefill else ""))
    return found


def _key(slot: SlotField) -> tuple[str, str]:
    return (slot.form_action.varname if slot.form_action else "", slot.field.varname)


def _named(owner: FieldOwner, varname: str) -> Field | None:
    return next(iter(owner.by_varname(varname.strip())), None) if varname else None


def _slots(
    form: Form, workflows: list[Workflow], bookings: list[BookingAction], library: Library, named: str
) -> list[SlotField]:
    """By the bookings first; fields that only look like slots when no booking says."""
    wanted = {place for booking in bookings for place in _followed(booking.action.url, form)}
    found: list[SlotField] = []
    for candidate in form.fields:
        chosen = (
            candidate.varname == named
            if named
            else any(place.form == "" and place.rest == candidate.varname for place in wanted)
        )
        if candidate.varname and chosen and candidate.type in ("item", "string", "time-range"):
            found.append(SlotField(candidate))
    if not found and not named:
        found = [SlotField(candidate) for candidate in form.fields if _lists_slots(candidate, library)]
    for workflow in workflows:
        for action in workflow.actions():
            if isinstance(action, FormAction) and action.form is not None:
                found += [
                    SlotField(candidate, action)
                    for candidate in action.form.fields
                    if any((place.form, place.rest) == (action.varname, candidate.varname) for place in wanted)
                    or _lists_slots(candidate, library)
                ]
    return found


def _lists_slots(candidate: Field, library: Library) -> bool:
    source = candidate.data_source
    if candidate.type != "item" or source is None:
        return False
    if source.inline:
        return bool(DATETIMES.search(source.value))
    named = library.data_source(source.named)
    if named is not None:
        return bool(DATETIMES.search(named.value))
    made = GENERATED_MEETINGS.fullmatch(source.named)
    return made["what"] != "meetingtypes" if made else bool(GENERATED_EVENTS.match(source.named))


def fields_read(template: str, form: Form) -> list[Field]:
    """Fields of the form that a template reads, the longest varname first for each place."""
    found = []
    for place in places(template):
        if place.form:
            continue
        matching = [
            candidate
            for candidate in form.fields
            if candidate.varname and (place.rest == candidate.varname or place.rest.startswith(f"{candidate.varname}_"))
        ]
        if matching:
            found.append(max(matching, key=lambda candidate: len(candidate.varname)))
    return found


def source_template(candidate: Field, library: Library) -> str:
    """The address template of a choice, followed into a named data source and into named calls."""
    source = candidate.data_source
    if source is None:
        return ""
    named = library.data_source(source.named) if source.named else None
    if named is not None or source.inline:
        value = named.value if named is not None else source.value
        calls = [library.named_call(slug) for slug in named_calls(value)]
        return " ".join([value, *(call.url for call in calls if call is not None)])
    # The dynamic source that w.c.s. makes reads the field of that name (wcs-runtime.md §6.7).
    return "{{ form_var_meeting_type_raw }}" if source.named.endswith(("mtdynamic", "mt-dynamic")) else ""


def _meeting_type(form: Form, slots: list[SlotField], library: Library) -> Field | None:
    """The choice whose address lists slots, or that is listed among meeting types; else the last one that is read."""
    for slot in slots:
        if slot.embedded:
            continue
        template = source_template(slot.field, library)
        read = [item for item in fields_read(template, form) if item.type == "item" and item != slot.field]
        for candidate in read:
            name = candidate.data_source.named if candidate.data_source else ""
            lists_slots = f"{candidate.varname}_api_datetimes_url" in template
            if lists_slots or MEETINGS.search(source_template(candidate, library)) or "meetingtypes" in name:
                return candidate
        by_id = [item for item in read if f"{item.varname}_raw" in template]
        if by_id:
            return by_id[-1]
    return None


def _agenda(form: Form, slots: list[SlotField], meeting_type: Field | None, library: Library) -> Field | None:
    templates = [source_template(meeting_type, library)] if meeting_type else []
    templates += [source_template(slot.field, library) for slot in slots if not slot.embedded]
    known = {slot.field for slot in slots} | ({meeting_type} if meeting_type else set())
    for template in templates:
        for candidate in fields_read(template, form):
            if candidate.type == "item" and candidate not in known:
                return candidate
    return None


def _holds(form: Form, slots: list[SlotField], library: Library) -> list[HoldCall]:
    """Named calls that the exit conditions of the slots' pages make and that hold."""
    found: dict[str, HoldCall] = {}
    pages = [slot.field.page for slot in slots if not slot.embedded and slot.field.page is not None]
    for page in pages:
        for post in page.post_conditions:
            for slug in named_calls(post.condition.value if post.condition else ""):
                call = library.named_call(slug)
                if (call is not None and is_booking_url(call.url)) or (call is None and OWN_CALL.fullmatch(slug)):
                    found.setdefault(slug, HoldCall(slug, call))
    return list(found.values())


def _in_blocks(form: Form, library: Library) -> list[Field]:
    """Slot fields inside blocks that the form uses."""
    found = []
    for candidate in form.fields:
        block = library.block(candidate.block_slug) if candidate.block_slug else None
        if block is not None:
            found += [inner for inner in block.fields if _lists_slots(inner, library)]
    return found

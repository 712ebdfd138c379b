"""The booking actions: which slot, and that it is meant."""

from __future__ import annotations

from workflows.bookable import LOCK_CODE, BookingAction, sends_context_code, sent_token
from workflows.bookable.analysis import confirms, only_holds
from workflows.bookable.sessions import way_outside
from workflows.builder import pair
from workflows.reader import Node, Pair

from .holds import keep_code, keep_token
from .plan import Plan


def confirm_bookings(plan: Plan) -> None:
    """Make every booking action send `lock_code` and `confirm_after_lock`. Raises `Refused`."""
    for booking in plan.analysis.bookings:
        if booking.action.posts_form:
            raise plan.refuse("posts-form", action=name_of(booking))
    actions = [booking.action for booking in plan.analysis.bookings]
    for booking in plan.analysis.bookings:
        if only_holds(booking.action, actions):
            continue
        entries = (_code(plan, booking), _token(plan, booking), _confirmation(plan, booking))
        add_entries(plan, booking, [entry for entry in entries if entry])


def _code(plan: Plan, booking: BookingAction) -> Node | None:
    """The entry to add for the lock code; `None` when one is there, changed where it must be."""
    present = booking.pair("lock_code")
    if present is not None and (sends_context_code(present.value) or _keeps_code(plan, present.value)):
        return None
    way = way_outside(booking.action, booking.workflow)
    why, value = plan.say("lock-code-why"), LOCK_CODE
    if way:
        kept = keep_code(plan)
        # Records from before the upgrade have no such field: then the code of whoever runs the action.
        value = f"{{% if form_var_{kept} %}}{{{{ form_var_{kept} }}}}{{% else %}}{LOCK_CODE}{{% endif %}}"
        why = plan.say("lock-code-outside-why", way=way)
    what = plan.say("lock-code", action=name_of(booking))
    if present is None:
        plan.change(booking.action, what, why)
        return pair("lock_code", value)
    _replace(plan, booking, present, value)
    plan.change(booking.action, what, why, present.element)
    return None


def _token(plan: Plan, booking: BookingAction) -> Node | None:
    """The entry to add for the token; `None` when one is there."""
    if booking.pair("lock_token"):
        return None
    plan.change(booking.action, plan.say("lock-token", action=name_of(booking)), plan.say("token-why"))
    return pair("lock_token", sent_token(keep_token(plan)))


def _keeps_code(plan: Plan, value: str) -> bool:
    """Whether a value is that of a computed field that keeps the code."""
    return any(
        candidate.type == "computed"
        and f"form_var_{candidate.varname}" in value
        and sends_context_code(candidate.value_template)
        for candidate in plan.analysis.form.fields
        if candidate.varname
    )


def _confirmation(plan: Plan, booking: BookingAction) -> Node | None:
    """The entry to add for the confirmation; `None` when one is there, changed where it must be."""
    present = booking.pair("confirm_after_lock")
    if confirms(booking.action):
        return None
    what, why = plan.say("confirm", action=name_of(booking)), plan.say("confirm-why")
    if present is None:
        plan.change(booking.action, what, why)
        return pair("confirm_after_lock", "true")
    _replace(plan, booking, present, "true")
    plan.change(booking.action, what, why, present.element)
    return None


def add_entries(plan: Plan, booking: BookingAction, entries: list[Node]) -> None:
    """Add entries to the body of an action."""
    if not entries:
        return
    edits = plan.edits(booking.action.document)
    container = booking.action.child("post_data")
    if container is not None:
        for entry in entries:
            edits.append_child(container, entry)
        return
    node = Node("post_data", children=entries)
    for tag in ("post", "qs_data", "url", "method", "label"):
        found = booking.action.child(tag)
        if found is not None:
            edits.insert_after(found, node)
            return
    edits.append_child(booking.action.element, node)


def _replace(plan: Plan, booking: BookingAction, present: Pair, value: str) -> None:
    element = present.element.find("value")
    edits = plan.edits(booking.action.document)
    if element is None:
        edits.append_child(present.element, Node("value", value))
    else:
        edits.replace_text(element, value)


def name_of(booking: BookingAction) -> str:
    """What the action is called."""
    return booking.action.label or booking.action.varname or booking.action.id

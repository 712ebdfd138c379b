"""Holding the slot: a named call, the exit condition of the slot's page, and the computed field that keeps the code."""

from __future__ import annotations

from workflows.bookable import HOLD_BODY, LOCK_CODE, HoldCall, SlotField, sends_context_code
from workflows.bookable.analysis import OWN_CALL
from workflows.bookable.expressions import named_calls
from workflows.builder import computed, derived_id, named_call, page, param, params, post_condition, to_xml
from workflows.reader import Field, Node, Page

from .plan import Plan

CALL_FILE = f"wscall-{OWN_CALL}.wcs"
VARNAME = "lock_code"


def hold_slots(plan: Plan) -> None:
    """Hold what is chosen in the slot fields of the form. Raises `Refused`."""
    slots = plan.analysis.own_slots
    if plan.analysis.holds:
        for hold in plan.analysis.holds:
            _send_code(plan, hold)
        slug = plan.analysis.holds[0].slug
    else:
        slug = OWN_CALL
        _new_call(plan, slots)
        keep_code(plan)
    for slot in _one_by_page(slots):
        _exit_condition(plan, slot, slug)


def keep_code(plan: Plan) -> str:
    """The varname of a computed field that keeps the lock code, added on the slot's page when there is none."""
    form = plan.analysis.form
    if plan.kept_code:
        return plan.kept_code
    for candidate in form.fields:
        if candidate.type == "computed" and sends_context_code(candidate.value_template) and candidate.varname:
            return candidate.varname
    taken = {candidate.varname for candidate in form.fields}
    varname = next(name for name in _names() if name not in taken)
    slot = plan.analysis.own_slots[0].field
    node = computed(plan.say("computed-label"), varname, LOCK_CODE, id=derived_id(form.name, varname))
    plan.edits(form.document).insert_after(slot.element, node)
    plan.change(slot, plan.say("computed", varname=varname), plan.say("computed-why"))
    plan.kept_code = varname
    return varname


def _names() -> list[str]:
    return [VARNAME, *(f"{VARNAME}_{number}" for number in range(2, 1000))]


def _send_code(plan: Plan, hold: HoldCall) -> None:
    """A hold that is there already sends the code of the context first, and confirms nothing."""
    if hold.call is None:
        return
    present = hold.pair("lock_code")
    what = plan.say("call-code", slug=hold.slug)
    if present is None:
        entry = param("lock_code", LOCK_CODE)
        container = hold.call.element.find("request/post_data")
        request = hold.call.request
        if container is not None:
            plan.edits(hold.call.document).append_child(container, entry)
        elif request is not None:
            plan.edits(hold.call.document).append_child(request, params("post_data", {"lock_code": LOCK_CODE}))
        plan.change(hold.call, what, plan.say("call-why"))
    elif not sends_context_code(present.value):
        plan.edits(hold.call.document).replace_text(present.element, LOCK_CODE)
        plan.change(hold.call, what, plan.say("source-code-why"), present.element)


def _new_call(plan: Plan, slots: list[SlotField]) -> None:
    names = list(dict.fromkeys(slot.field.varname for slot in slots))
    addresses = [f"form_var_{name}_api_fillslot_url" for name in names]
    url = f"{{{{ {addresses[0]} }}}}" if len(addresses) == 1 else f"{{% firstof {' '.join(addresses)} %}}"
    node = named_call(
        plan.say("call-name"),
        url,
        slug=OWN_CALL,
        method="POST",
        post_data=HOLD_BODY,
        documentation=plan.say("call-documentation"),
    )
    plan.new_files[CALL_FILE] = to_xml(node)
    plan.change(slots[0].field, plan.say("call", slug=OWN_CALL), plan.say("call-why"))


def _one_by_page(slots: list[SlotField]) -> list[SlotField]:
    """The first slot field of each page: one call a submit is enough."""
    found: dict[int, SlotField] = {}
    for slot in slots:
        found.setdefault(id(slot.field.page), slot)
    return list(found.values())


def _exit_condition(plan: Plan, slot: SlotField, slug: str) -> None:
    field = slot.field
    owner = field.page
    conditions = [post.condition.value for post in owner.post_conditions if post.condition] if owner else []
    if owner is not None and any(slug in named_calls(condition) for condition in conditions):
        _make_safe(plan, owner, slug)
        return
    # Where the slot may be left empty there is nothing to hold; Django stops at the first part that is true.
    optional = field.condition is not None or not field.required
    condition = f"webservice.{slug}.err == 0"
    if optional:
        condition = f"not form_var_{field.varname}_raw or {condition}"
    node = post_condition(condition, plan.say("message"))
    document = plan.analysis.form.document
    if owner is None or owner.field is None:
        first = plan.analysis.form.fields[0]
        label = plan.say("page-label")
        added = page(label, id=derived_id(plan.analysis.form.name, "page"), exit_conditions=[node])
        plan.edits(document).insert_before(first.element, added)
        plan.change(first, plan.say("page"), plan.say("page-why"))
    else:
        container = owner.field.child("post_conditions")
        if container is not None:
            plan.edits(document).append_child(container, node)
        else:
            _insert_container(plan, owner.field, Node("post_conditions", children=[node]))
        label = owner.label
    plan.change(field, plan.say("condition", page=label, condition=condition), plan.say("condition-why"))


def _insert_container(plan: Plan, owner: Field, container: Node) -> None:
    """After what w.c.s. writes before it, so that a later export of w.c.s. has few differences."""
    for tag in ("condition", "varname", "type"):
        found = owner.child(tag)
        if found is not None:
            plan.edits(owner.document).insert_after(found, container)
            return
    plan.edits(owner.document).append_child(owner.element, container)


def _make_safe(plan: Plan, owner: Page, slug: str) -> None:
    """`not webservice.x.err` lets a dead adapter pass: nothing is not 0 (wcs-runtime.md §4.5)."""
    for post in owner.post_conditions:
        if post.condition is None:
            continue
        element = post.condition.element.find("value")
        unsafe = f"not webservice.{slug}.err"
        if element is not None and post.condition.value.strip() == unsafe:
            safe = f"webservice.{slug}.err == 0"
            plan.edits(plan.analysis.form.document).replace_text(element, safe)
            plan.change(
                post, plan.say("condition", page=owner.label, condition=safe), plan.say("condition-why"), element
            )

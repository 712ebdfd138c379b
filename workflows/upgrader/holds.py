"""Holding the slot: a named call, the exit condition of the slot's page, and the computed fields of code and token."""

from __future__ import annotations

import re
from hashlib import sha256

from workflows.bookable import (
    LOCK_CODE,
    TOKEN,
    TOKEN_FIELD,
    HoldCall,
    SlotField,
    hold_body,
    hold_condition,
    makes_token,
    sends_context_code,
    sent_token,
)
from workflows.bookable.analysis import SHARED_CALL
from workflows.bookable.expressions import named_calls
from workflows.builder import computed, derived_id, named_call, page, param, params, post_condition, to_xml
from workflows.reader import Field, Node, Page

from .plan import Plan

VARNAME = "lock_code"
#: Slugs of forms that differ after their dashes became underscores.
PLAIN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: A file is named after the slug, and names of files end at 255 bytes.
MAX_SLUG = 200
#: Conditions that only wait for a hold; `not webservice.x.err` lets a dead adapter pass: nothing is not 0.
SIMPLE = re.compile(r"(?:not form_var_\w+_raw or )?(?:webservice\.\w+\.err == 0|not webservice\.\w+\.err)")


def hold_slots(plan: Plan) -> None:
    """Hold what is chosen in the slot fields of the form. Raises `Refused`."""
    pages: dict[int, dict[str, SlotField]] = {}
    for slot in plan.analysis.own_slots:
        pages.setdefault(id(slot.field.page), {}).setdefault(slot.field.varname, slot)
    calls: dict[str, str] = {}
    for slots in pages.values():
        for varname, slot in slots.items():
            if varname not in calls:
                calls[varname] = _call_of(plan, slot)
        _exit_conditions(plan, list(slots.values()), calls)


def _call_of(plan: Plan, slot: SlotField) -> str:
    """The slug of the call that holds this field's slot, made where there is none of its own."""
    for hold in plan.analysis.holds:
        if _is_own(plan, hold, slot):
            _send_code(plan, hold)
            return hold.slug
    keep_code(plan)
    return _new_call(plan, slot)


def _is_own(plan: Plan, hold: HoldCall, slot: SlotField) -> bool:
    """Whether no other form's call can replace it: earlier versions gave one name to the calls of all forms.

    A call that was not given is known by its name alone.
    """
    if hold.slug == SHARED_CALL:
        return False
    if hold.call is None and _several(plan):
        return hold.slug == _own_slug(plan, slot)
    return hold.holds(slot.field)


def _several(plan: Plan) -> bool:
    return len({one.field.varname for one in plan.analysis.own_slots}) > 1


def _own_slug(plan: Plan, slot: SlotField) -> str:
    """The slug of the call of this form, and of this field where the form has several: no other's becomes the same."""
    form = plan.analysis.form
    name = form.slug or form.name
    slug = "preblocage_" + re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_")
    if _several(plan):
        slug += f"__{slot.field.varname}"
    if PLAIN.fullmatch(name) and len(slug) <= MAX_SLUG and slug != SHARED_CALL:
        return slug
    return f"{slug[:MAX_SLUG]}_{sha256(f'{name}/{slug}'.encode()).hexdigest()[:8]}"


def keep_code(plan: Plan) -> str:
    """The varname of a computed field that keeps the lock code, added on each page of a slot when there is none."""
    form = plan.analysis.form
    if plan.kept_code:
        return plan.kept_code
    for candidate in form.fields:
        if candidate.type == "computed" and sends_context_code(candidate.value_template) and candidate.varname:
            return candidate.varname
    plan.kept_code = _add_computed(plan, VARNAME, LOCK_CODE, freeze=False)
    return plan.kept_code


def keep_token(plan: Plan) -> str:
    """The varname of a computed field that makes the token of this filling in, added likewise.

    It stands on the slot's page, or on one that everybody sees before: w.c.s. computes none before the first page, nor
    on a page that is left out.
    """
    if not plan.kept_token:
        made = [
            candidate.varname
            for candidate in plan.analysis.form.fields
            if candidate.varname and _keeps_token(candidate)
        ]
        plan.kept_token = made[0] if made else _add_computed(plan, TOKEN_FIELD, TOKEN, freeze=True)
    return plan.kept_token


def _keeps_token(field: Field) -> bool:
    """Whether a field makes one token and keeps it; another one for each page would lose what is held."""
    frozen = field.type == "computed" and field.flag("freeze_on_initial_value")
    return frozen and field.page is not None and field.page.field is not None and makes_token(field.value_template)


def _add_computed(plan: Plan, wanted: str, template: str, *, freeze: bool) -> str:
    form = plan.analysis.form
    taken = {candidate.varname for candidate in form.fields}
    varname = next(name for name in [wanted, *(f"{wanted}_{number}" for number in range(2, 1000))] if name not in taken)
    first_of_page = {id(slot.field.page): slot.field for slot in reversed(plan.analysis.own_slots)}
    key = "token" if freeze else "computed"
    for number, after in enumerate([_last_seen_by_all(plan)] if freeze else reversed(first_of_page.values())):
        # w.c.s. takes the one that has a value, where others are on pages that were left out.
        identifier = derived_id(form.name, varname, *([str(number)] if number else []))
        node = computed(plan.say(f"{key}-label"), varname, template, id=identifier, freeze=freeze)
        plan.edits(form.document).insert_after(after.element, node)
        plan.change(after, plan.say(key, varname=varname), plan.say(f"{key}-why"))
    return varname


def _last_seen_by_all(plan: Plan) -> Field:
    """The slot field, or the end of a page before it that everybody sees, where slots stand on a page for each case."""
    slots = [slot.field for slot in plan.analysis.own_slots]
    first = slots[0].page
    pages = plan.analysis.form.pages
    if first is None or first.condition is None or all(field.page is first for field in slots):
        return slots[0]
    before = [page for page in pages[: pages.index(first)] if page.field is not None and page.condition is None]
    if not before:
        return slots[0]
    return before[-1].fields[-1] if before[-1].fields else before[-1].field or slots[0]


def _send_code(plan: Plan, hold: HoldCall) -> None:
    """A hold that is there already sends the code of the context first and the token, and confirms nothing."""
    if hold.call is None:
        return
    present = hold.pair("lock_code")
    what = plan.say("call-code", slug=hold.slug)
    missing = {} if hold.pair("lock_token") else {"lock_token": sent_token(keep_token(plan))}
    if present is None:
        missing = {"lock_code": LOCK_CODE, **missing}
    elif not sends_context_code(present.value):
        plan.edits(hold.call.document).replace_text(present.element, LOCK_CODE)
        plan.change(hold.call, what, plan.say("source-code-why"), present.element)
    if not missing:
        return
    container = hold.call.element.find("request/post_data")
    if container is not None:
        for name, value in missing.items():
            plan.edits(hold.call.document).append_child(container, param(name, value))
    elif hold.call.request is not None:
        plan.edits(hold.call.document).append_child(hold.call.request, params("post_data", missing))
    if "lock_code" in missing:
        plan.change(hold.call, what, plan.say("call-why"))
    if "lock_token" in missing:
        plan.change(hold.call, plan.say("call-token", slug=hold.slug), plan.say("token-why"))


def _new_call(plan: Plan, slot: SlotField) -> str:
    """A call of this form's own, and of this field's own where the form has several."""
    form, varname, slug = plan.analysis.form, slot.field.varname, _own_slug(plan, slot)
    node = named_call(
        plan.say("call-name", form=f"{form.name} ({varname})" if _several(plan) else form.name),
        f"{{{{ form_var_{varname}_api_fillslot_url }}}}",
        slug=slug,
        method="POST",
        post_data=hold_body(keep_token(plan)),
        documentation=plan.say("call-documentation"),
    )
    plan.new_files[f"wscall-{slug}.wcs"] = to_xml(node)
    plan.change(slot.field, plan.say("call", slug=slug), plan.say("call-why"))
    return slug


def _exit_conditions(plan: Plan, slots: list[SlotField], calls: dict[str, str]) -> None:
    """One condition for each slot field of a page; one that is there for it is adapted."""
    owner = slots[0].field.page
    nodes, adapted = [], set[int]()
    for slot in slots:
        condition = hold_condition(slot.field.varname, calls[slot.field.varname])
        if owner is not None and _adapt_condition(plan, owner, slot, condition, adapted):
            continue
        nodes.append(post_condition(condition, plan.say("message")))
        label = owner.label if owner is not None and owner.field is not None else plan.say("page-label")
        plan.change(slot.field, plan.say("condition", page=label, condition=condition), plan.say("condition-why"))
    if not nodes:
        return
    document = plan.analysis.form.document
    if owner is None or owner.field is None:
        first = plan.analysis.form.fields[0]
        added = page(plan.say("page-label"), id=derived_id(plan.analysis.form.name, "page"), exit_conditions=nodes)
        plan.edits(document).insert_before(first.element, added)
        plan.change(first, plan.say("page"), plan.say("page-why"))
        return
    container = owner.field.child("post_conditions")
    if container is None:
        _insert_container(plan, owner.field, Node("post_conditions", children=nodes))
        return
    for node in nodes:
        plan.edits(document).append_child(container, node)


def _adapt_condition(plan: Plan, owner: Page, slot: SlotField, condition: str, adapted: set[int]) -> bool:
    """Write the condition in the place of one that calls this hold, or a hold that is not this form's own."""
    [slug] = named_calls(condition)
    foreign = {hold.slug for hold in plan.analysis.holds if not _is_own(plan, hold, slot)}
    own = {one.slug for one in plan.analysis.holds for other in plan.analysis.own_slots if _is_own(plan, one, other)}
    for number, post in enumerate(owner.post_conditions):
        present = post.condition.value.strip() if post.condition else ""
        called = [name for name in named_calls(present) if name == slug or name in foreign - own]
        if not called or number in adapted:
            continue
        adapted.add(number)
        changed = re.sub(rf"\bwebservice\.{called[0]}\b", f"webservice.{slug}", present)
        if SIMPLE.fullmatch(changed):
            changed = condition
        assert post.condition is not None
        element = post.condition.element.find("value")
        if changed != present and element is not None:
            plan.edits(post.document).replace_text(element, changed)
            what = plan.say("condition", page=owner.label, condition=changed)
            plan.change(post, what, plan.say("condition-why"), element)
        return True
    return False


def _insert_container(plan: Plan, owner: Field, container: Node) -> None:
    """After what w.c.s. writes before it, so that a later export of w.c.s. has few differences."""
    for tag in ("condition", "varname", "type"):
        found = owner.child(tag)
        if found is not None:
            plan.edits(owner.document).insert_after(found, container)
            return
    plan.edits(owner.document).append_child(owner.element, container)

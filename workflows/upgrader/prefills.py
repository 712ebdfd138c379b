"""Prefilling slot, meeting type and agenda from the submission context that the calendar gives."""

from __future__ import annotations

from workflows.bookable import unparsable
from workflows.builder import prefill
from workflows.reader import Field, Node

from .plan import Plan

#: Keys of the submission context; the calendar's drafts carry them.
CONTEXT_KEYS = {"slot": "slot_id", "meeting_type": "meeting_type_id", "agenda": "agenda_id"}


def prefill_fields(plan: Plan) -> None:
    """Prefill the fields of the form itself."""
    analysis = plan.analysis
    for slot in analysis.own_slots:
        _prefill(plan, slot.field, CONTEXT_KEYS["slot"])
    if analysis.meeting_type is not None:
        _prefill(plan, analysis.meeting_type, CONTEXT_KEYS["meeting_type"])
    if analysis.agenda is not None:
        _prefill(plan, analysis.agenda, CONTEXT_KEYS["agenda"])


def _prefill(plan: Plan, field: Field, key: str) -> None:
    variable = f"form_submission_context_{key}"
    present = field.prefill
    label = field.label or field.varname
    what = plan.say("prefill", field=label)
    edits = plan.edits(field.document)
    if present is None or present.type in ("", "none"):
        node = prefill("string", f"{{{{ {variable} }}}}", locked_unless_empty=True)
        if present is not None:
            edits.replace(present.element, node)
        else:
            _insert(plan, field, node)
        plan.change(field, what, plan.say("prefill-why"))
        return
    if variable in present.value:
        return
    element = present.value_element
    if present.type != "string" or element is None or unparsable(present.value):
        plan.note("user-prefill", field=label)
        return
    # Whoever locked the fallback wants it locked; where it was free it must stay free.
    merged = f"{{% if {variable} %}}{{{{ {variable} }}}}{{% else %}}{present.value}{{% endif %}}"
    edits.replace_text(element, merged)
    plan.change(field, what, plan.say("prefill-kept-why"), element)


def _insert(plan: Plan, field: Field, node: Node) -> None:
    for tag in ("display_locations", "extra_css_class", "hint", "varname", "required", "type"):
        found = field.child(tag)
        if found is not None:
            plan.edits(field.document).insert_after(found, node)
            return
    plan.edits(field.document).append_child(field.element, node)

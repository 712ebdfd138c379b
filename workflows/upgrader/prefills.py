"""Removal of the prefills that earlier versions added: the draft's data fill the agent's pages without any.

w.c.s. sends a prefill of type string again in the first live call of a page, also when it gives nothing: the list of a
citizen then shows no choice.
"""

from __future__ import annotations

import re

from workflows.reader import Field

from .plan import Plan

#: Keys of the submission context that earlier versions read.
KEYS = ("slot_id", "meeting_type_id", "agenda_id")
ADDED = re.compile(rf"\{{\{{ form_submission_context_(?:{'|'.join(KEYS)}) \}}\}}")
MERGED = re.compile(
    r"\{% if (?P<name>form_submission_context_(?:" + "|".join(KEYS) + r")) %\}\{\{ (?P=name) \}\}\{% else %\}"
    r"(?P<own>.*)\{% endif %\}",
    re.DOTALL,
)


def remove_prefills(plan: Plan) -> None:
    """Remove them from the fields of the form, and give back the prefills that they were merged with."""
    for field in plan.analysis.form.fields:
        _remove(plan, field)


def _remove(plan: Plan, field: Field) -> None:
    present = field.prefill
    if present is None or present.type != "string" or present.value_element is None:
        return
    edits = plan.edits(field.document)
    merged = MERGED.fullmatch(present.value.strip())
    if ADDED.fullmatch(present.value.strip()):
        edits.remove(present.element)
    elif merged:
        edits.replace_text(present.value_element, merged["own"])
    else:
        return
    what = plan.say("prefill", field=field.label or field.varname)
    plan.change(field, what, plan.say("prefill-why"))

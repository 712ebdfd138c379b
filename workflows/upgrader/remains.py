"""What a person still has to do: it is said, and never done."""

from __future__ import annotations

import re

from workflows.bookable import SlotField, is_booking_url, is_cancel_url
from workflows.bookable.analysis import GENERATED_MEETINGS, fields_read, source_template
from workflows.checker import check_library
from workflows.reader import Action, Field, Jump, Library, Status, WebserviceCall, Workflow, load

from .plan import Plan

FIXED_TYPE = re.compile(r"/meetings/([\w-]+)/datetimes")


def note_what_remains(plan: Plan) -> None:
    """The form's settings, fields that the calendar does not know, and cancellations that come too early."""
    form = plan.analysis.form
    if not form.backoffice_submission_roles:
        plan.note("no-roles")
    if form.text("disabled") == "true":
        plan.note("disabled")
    wanted = form.workflow
    if wanted is not None and (wanted.slug or wanted.name):
        given = {workflow.slug for workflow in plan.analysis.workflows}
        given |= {workflow.name for workflow in plan.analysis.workflows}
        if wanted.slug not in given and wanted.name not in given:
            plan.note("other-workflow", wanted=wanted.name or wanted.slug)
    if plan.analysis.meeting_type is None:
        for found in filter(None, map(_fixed_type, plan.analysis.own_slots)):
            plan.note("fixed-type", kind=found)
    for field in _helpers(plan):
        plan.note("by-hand", field=field.label or field.varname)
    for workflow in plan.analysis.workflows:
        for status in workflow.statuses:
            if _cancels_first(status, workflow):
                plan.note("cancels-first", status=status.name)


def note_import_errors(plan: Plan, files: dict[str, bytes]) -> None:
    """What w.c.s. will refuse or drop in the files as they are written, whoever put it there."""
    written = Library([load(content, path=name) for name, content in sorted(files.items())])
    for finding in check_library(written, plan.analysis.library, language=plan.language):
        if finding.family == "import" and (finding.severity == "error" or finding.code == "WCS-I212"):
            plan.note("import-error", finding=str(finding))


def _fixed_type(slot: SlotField) -> str:
    """The slug of the only meeting type whose slots are listed, empty when it is chosen."""
    source = slot.field.data_source
    made = GENERATED_MEETINGS.fullmatch(source.named) if source is not None else None
    written = FIXED_TYPE.search(source.value) if source is not None else None
    if made:
        return (made["type"] or "").replace("_", "-")
    return written[1] if written else ""


def _helpers(plan: Plan) -> list[Field]:
    """Choices that slot, type and agenda depend on, and that the calendar does not fill in."""
    analysis = plan.analysis
    known = [slot.field for slot in analysis.own_slots]
    known += [field for field in (analysis.meeting_type, analysis.agenda) if field is not None]
    names = {field.varname for field in known}
    found: list[Field] = []
    waiting = list(known)
    while waiting:
        field = waiting.pop()
        conditions = [field.condition, field.page.condition if field.page else None]
        texts = [source_template(field, analysis.library)]
        # Of conditions, names stand without braces.
        texts += [f"{{{{ {condition.value} }}}}" for condition in conditions if condition is not None]
        for other in (other for text in texts for other in fields_read(text, analysis.form)):
            if other.varname not in names:
                names.add(other.varname)
                found.append(other)
                waiting.append(other)
    return [field for field in found if field.type in ("item", "items", "bool", "string") and field.prefill is None]


def _cancels_first(status: Status, workflow: Workflow) -> bool:
    """Whether it cancels, and then books without waiting for anybody: the new slot may be gone, and the old one too."""
    place = next((number for number, step in enumerate(status.actions) if _calls(step, cancel=True)), None)
    if place is None:
        return False
    waiting, seen = [status.actions[place + 1 :]], {status.id}
    while waiting:
        for step in waiting.pop():
            if _calls(step, cancel=False):
                return True
            if isinstance(step, Jump) and step.mode == "immediate":
                target = workflow.status(step.status)
                if target is not None and target.id not in seen:
                    seen.add(target.id)
                    waiting.append(list(target.actions))
    return False


def _calls(step: Action, *, cancel: bool) -> bool:
    if not isinstance(step, WebserviceCall) or step.method not in ("POST", "PUT", "DELETE"):
        return False
    return is_cancel_url(step.url) if cancel else is_booking_url(step.url)

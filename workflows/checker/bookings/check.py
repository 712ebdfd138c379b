"""The booking family on a library: each form with its workflow, each workflow, each file for secrets."""

from __future__ import annotations

from workflows.bookable import Analysis, analyse, is_booking_url
from workflows.reader import Form, Library, WebserviceCall, Workflow

from ..findings import Report
from ..site import Site
from .actions import check_actions
from .forms import check_form
from .secrets import check_secrets


def check_bookings(library: Library, site: Site, report: Report) -> None:
    """Findings about bookings. Nothing is said of forms that book nothing."""
    whole = _whole(site)
    judged: set[int] = set()
    for form in library.of(Form):
        assert isinstance(form, Form)
        workflow = whole.workflow_of(form)
        analysis = analyse(form, [workflow] if workflow is not None else [], whole)
        if not analysis.bookings and not analysis.holds:
            continue
        if is_adapted(analysis):
            check_form(analysis, report)
        elif analysis.own_slots:
            slot = analysis.own_slots[0].field
            report.at("WCS-B001", form.document, slot.element, slot.label)
        for inner in analysis.in_blocks:
            report.at("WCS-B002", inner.document, inner.element, inner.label)
        if workflow is not None and workflow.document in library.documents:
            judged.add(id(workflow))
            check_actions(workflow, analysis, report)
    for workflow in library.of(Workflow):
        assert isinstance(workflow, Workflow)
        if id(workflow) not in judged and _books(workflow):
            check_actions(workflow, None, report)
    for document in library.documents:
        check_secrets(document, report)


def is_adapted(analysis: Analysis) -> bool:
    """Whether something of the form or its workflow takes part in locking."""
    return bool(analysis.holds) or any(
        booking.pair(name) for booking in analysis.bookings for name in ("lock_code", "confirm_after_lock")
    )


def _books(workflow: Workflow) -> bool:
    return any(isinstance(action, WebserviceCall) and is_booking_url(action.url) for action in workflow.actions())


def _whole(site: Site) -> Library:
    """Everything that is known, as one library."""
    whole = Library()
    for library in site.libraries:
        for document in library.documents:
            whole.add(document)
    return whole

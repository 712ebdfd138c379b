"""The form's side: sources and holds. Only for forms that take part in locking."""

from __future__ import annotations

from workflows.bookable import Analysis, HoldCall, SlotField, booking_places, has_lock_code, sends_context_code
from workflows.bookable.analysis import GENERATED
from workflows.bookable.expressions import is_django, named_calls
from workflows.reader import Field, NamedCall

from ..findings import Report


def check_form(analysis: Analysis, report: Report) -> None:
    """Findings of one form."""
    for slot in analysis.slots:
        _check_source(slot, analysis, report)
    form = analysis.form
    for slot in analysis.own_slots:
        if not _held(slot, analysis):
            report.at("WCS-B105", form.document, slot.field.element, slot.field.label)
    for hold in analysis.holds:
        _check_hold(hold, analysis, report)
    _check_prefills(analysis, report)


def _check_prefills(analysis: Analysis, report: Report) -> None:
    """A template that prefills a choice on which another list of its page depends."""
    chosen = [analysis.agenda, analysis.meeting_type, *(slot.field for slot in analysis.own_slots)]
    fields = [field for field in chosen if field is not None]
    pages = [field.page for field in fields]
    for field in fields:
        prefill = field.prefill
        if prefill is None or prefill.type != "string" or pages.count(field.page) == 1:
            continue
        # w.c.s. leaves prefills from the address out of its live updates.
        if is_django(prefill.value) and "request.GET" not in prefill.value:
            report.at("WCS-B117", field.document, field.element, field.label)


def _check_source(slot: SlotField, analysis: Analysis, report: Report) -> None:
    field = slot.field
    source = field.data_source
    if source is None:
        return
    if source.type == "jsonvalue":
        calls = [analysis.library.named_call(slug) for slug in named_calls(source.value)]
        _judge(field, _of_calls([call for call in calls if call is not None]), bool(calls) and None in calls, report)
        return
    if source.inline:
        _judge(field, source.value if has_lock_code(source.value) else "", False, report)
        return
    named = analysis.named_source(slot)
    if named is None:
        # Made by w.c.s. from the agenda with the code, or not given: nothing can be said.
        _judge(field, "", True, report)
        return
    if GENERATED.match(named.slug) and not named.qs_data:
        return
    codes = [pair.value for pair in named.qs_data if pair.name == "lock_code"]
    if not codes and has_lock_code(named.value):
        codes = [named.value]
    if not codes and named.source_type == "jsonvalue":
        known = [call for slug in named_calls(named.value) if (call := analysis.library.named_call(slug))]
        codes = [_of_calls(known)] if known else []
    _judge(field, codes[0] if codes else "", False, report)


def _of_calls(calls: list[NamedCall]) -> str:
    for call in calls:
        for pair in call.qs_data:
            if pair.name == "lock_code":
                return pair.value
        if has_lock_code(call.url):
            return call.url
    return ""


def _judge(field: Field, code: str, unknown: bool, report: Report) -> None:
    if unknown:
        return
    if not code:
        report.at("WCS-B103", field.document, field.element, field.label)
    elif not sends_context_code(code):
        report.at("WCS-B104", field.document, field.element, field.label)


def _held(slot: SlotField, analysis: Analysis) -> bool:
    """Whether the page of the slot, or one after it, calls a hold when it is left."""
    slugs = {hold.slug for hold in analysis.holds}
    page = slot.field.page
    return page is not None and any(
        slugs & set(named_calls(post.condition.value)) for post in page.post_conditions if post.condition
    )


def _check_hold(hold: HoldCall, analysis: Analysis, report: Report) -> None:
    form = analysis.form
    mentions = 0
    for page in form.pages:
        for post in page.post_conditions:
            expression = post.condition.value if post.condition else ""
            mentions += expression.count(f"webservice.{hold.slug}")
            mentions += post.error_message.count(f"webservice.{hold.slug}")
            if expression.strip().startswith(f"not webservice.{hold.slug}.err"):
                report.at("WCS-B106", form.document, post.element, page.label)
    pages = sum(
        any(hold.slug in named_calls(post.condition.value) for post in page.post_conditions if post.condition)
        for page in form.pages
    )
    if mentions > max(1, pages):
        report.at("WCS-B107", form.document, form.element, hold.slug)
    code = hold.pair("lock_code")
    read = [place.rest for place in booking_places(hold.call.url) if not place.form] if hold.call is not None else []
    if read and not any(form.by_varname(name) for name in read):
        report.at("WCS-B118", form.document, form.element, hold.slug)
    if hold.call is not None:
        if code is None:
            report.at("WCS-B102", hold.call.document, hold.call.element, hold.slug)
        elif not sends_context_code(code.value):
            report.at("WCS-B104", hold.call.document, code.element, hold.slug)

"""The upgrade as a whole: all steps agree, or nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from workflows.bookable import Analysis, analyse
from workflows.languages import Language
from workflows.reader import DefinitionError, Document, Form, Library, Workflow, load, load_many

from .bookings import confirm_bookings
from .holds import hold_slots
from .hooks import tell_cancellations
from .plan import Plan, Refused
from .prefills import remove_prefills
from .remains import note_import_errors, note_what_remains
from .result import Settings, Upgrade
from .sources import guard_source, send_lock_code
from .words import say

Source = str | os.PathLike[str] | Document


def make_bookable(
    form: Source,
    workflows: Iterable[Source],
    *,
    others: Iterable[Source] = (),
    slot_field: str = "",
    meeting_type_field: str = "",
    agenda_field: str = "",
    cancel_hook: bool = False,
    language: Language = "fr",
    beside: bool = True,
) -> Upgrade:
    """Upgrade a form and the workflows it is used with.

    `others` are what they refer to: named data sources, named calls, blocks; those that lie beside the files, named as
    w.c.s. names exports, are found without being told, unless `beside` is off (documents that are no files). The fields
    are varnames, found by what they do when empty. `cancel_hook` adds what tells the record that an agent cancelled in
    the calendar, where it is missing.
    Raises `DefinitionError` for a file that cannot be read; refusals are in the result.
    """
    form_document = _document(form)
    workflow_documents = [_document(source) for source in workflows]
    if not isinstance(form_document.definition, Form):
        return Upgrade("refused", say("not-a-form", language))
    definitions = []
    for document in workflow_documents:
        if not isinstance(document.definition, Workflow):
            return Upgrade("refused", say("not-a-workflow", language))
        definitions.append(document.definition)
    names = {"slot": slot_field, "meeting_type": meeting_type_field, "agenda": agenda_field}
    for name in names.values():
        if name and not form_document.definition.by_varname(name):
            return Upgrade("refused", say("no-such-field", language, name=name))
    library = _library([form_document, *workflow_documents], others, beside)
    analysis = analyse(
        form_document.definition,
        definitions,
        library,
        slot_field=slot_field,
        meeting_type_field=meeting_type_field,
        agenda_field=agenda_field,
    )
    plan = Plan(analysis, language)
    try:
        _refuse_unsafe(plan)
        for slot in analysis.slots:
            before = len(plan.changes)
            send_lock_code(plan, slot)
            if slot.embedded and len(plan.changes) > before:
                plan.note("embedded", field=slot.field.label or slot.field.varname)
        if analysis.meeting_type is not None:
            guard_source(plan, analysis.meeting_type)
        hold_slots(plan)
        confirm_bookings(plan)
        remove_prefills(plan)
        tell_cancellations(plan, add=cancel_hook)
        note_what_remains(plan)
        return _result(plan, [form_document, *workflow_documents])
    except Refused as refusal:
        return Upgrade("refused", str(refusal), settings=_settings(analysis))


def _refuse_unsafe(plan: Plan) -> None:
    analysis = plan.analysis
    if not analysis.own_slots:
        if analysis.in_blocks:
            raise plan.refuse("in-block", field=analysis.in_blocks[0].label)
        raise plan.refuse("no-slot")
    for slot in analysis.slots:
        if analysis.is_events(slot):
            raise _refuse_one(plan, "events", field=slot.field.label or slot.field.varname)
    if not analysis.bookings:
        raise _refuse_one(plan, "no-booking", slot=analysis.own_slots[0].field.varname)
    always = {
        slot.field.varname
        for slot in analysis.own_slots
        if slot.field.condition is None and slot.field.required and not (slot.field.page and slot.field.page.condition)
    }
    if len(always) > 1:
        raise plan.refuse("two-slots", fields=", ".join(sorted(always)))


def _refuse_one(plan: Plan, code: str, **values: str) -> Refused:
    """A refusal that is about one field, and says so when the form has several that choose slots."""
    names = list(dict.fromkeys(slot.field.varname for slot in plan.analysis.own_slots))
    more = plan.say("several-slots", fields=", ".join(names)) if len(names) > 1 else ""
    return Refused(plan.say(code, **values) + more)


def _result(plan: Plan, given: list[Document]) -> Upgrade:
    settings = _settings(plan.analysis)
    if not plan.changes:
        note_import_errors(plan, {_name(document): document.raw for document in given})
        return Upgrade("already-bookable", settings=settings, notes=plan.notes)
    changed = {id(edits.document): edits.write() for edits in plan.changed()}
    documents = {id(edits.document): edits.document for edits in plan.changed()}
    documents |= {id(document): document for document in given}
    files = {_name(document): changed.get(key, document.raw) for key, document in documents.items()}
    note_import_errors(plan, {**files, **plan.new_files})
    originals = {_name(document): document.raw for document in documents.values()}
    return Upgrade(
        "upgraded",
        changes=plan.changes,
        settings=settings,
        files={**files, **plan.new_files},
        originals=originals,
        notes=plan.notes,
    )


def _settings(analysis: Analysis) -> Settings:
    own = analysis.own_slots
    return Settings(
        form=analysis.form.slug,
        slot_field=own[0].field.varname if own else "",
        meeting_type_field=analysis.meeting_type.varname if analysis.meeting_type else "",
        agenda_field=analysis.agenda.varname if analysis.agenda else "",
    )


def _document(source: Source) -> Document:
    return source if isinstance(source, Document) else load(source)


def _name(document: Document) -> str:
    return Path(document.path).name


def _library(given: list[Document], others: Iterable[Source], beside: bool) -> Library:
    """What was given, then (with `beside`) what lies beside it; the first definition of a slug counts."""
    library = Library()
    for document in given:
        library.add(document)
    paths = []
    for source in others:
        if isinstance(source, Document):
            library.add(source)
        else:
            paths.append(source)
    for document in load_many(paths).documents:
        library.add(document)
    if not beside:
        return library
    known = {Path(document.path).resolve() for document in library.documents if document.path}
    for path in sorted(_beside(given)):
        if path.resolve() not in known:
            try:
                library.add(load(path))
            except DefinitionError:
                continue
    return library


def _beside(given: list[Document]) -> set[Path]:
    """Data sources, named calls and blocks in the folders of the files and in those of an application's export."""
    found: set[Path] = set()
    for document in given:
        folder = Path(document.path).parent
        if not document.path or not folder.is_dir():
            continue
        for name, pattern in (("datasources", "datasource-*"), ("wscalls", "wscall-*"), ("blocks", "block-*")):
            found |= {path for path in folder.glob(f"{pattern}.wcs") if path.is_file()}
            found |= {path for path in (folder.parent / name).glob(f"{pattern}.wcs") if path.is_file()}
    return found

"""What would make each form that was dropped bookable."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapter.manager.studio.diff import FileDiff, compare
from adapter.manager.studio.playing import pack_definitions
from workflows.languages import Language
from workflows.reader import Document, Form, Library, Workflow
from workflows.upgrader import Upgrade, make_bookable

MOST_FORMS = 10
NO_WORKFLOW = "no-workflow"


@dataclass(frozen=True, slots=True)
class Fields:
    """Varnames that the agent gives; empty ones are found by what they do."""

    slot: str = ""
    meeting_type: str = ""
    agenda: str = ""


@dataclass(frozen=True, slots=True)
class FormUpgrade:
    """One form. ``status``: ``upgraded``, ``already-bookable``, ``refused`` or ``no-workflow``.

    ``to_rehearse`` is what can be played: the files as they would be, and all that they may refer to.
    """

    name: str
    status: str
    upgrade: Upgrade | None = None
    diffs: list[FileDiff] = field(default_factory=list)
    to_rehearse: dict[str, bytes] = field(default_factory=dict)


def upgrade_forms(documents: dict[str, Document], fields: Fields, language: Language) -> list[FormUpgrade]:
    """Try each form with its workflow, or with all workflows when it is the only form. ``documents`` by file name."""
    # Names of files stand in for paths: what is said about a file, and the file itself, must bear the same.
    named = [Document(document.raw, name) for name, document in documents.items()]
    library = Library(named)
    forms = library.of(Form)[:MOST_FORMS]
    return [
        _upgrade(form, _workflows(form, library, only=len(forms) == 1), library, fields, language) for form in forms
    ]


def _workflows(form: Form, library: Library, *, only: bool) -> list[Workflow]:
    own = library.workflow_of(form)
    every = library.of(Workflow)
    if own is None:
        return every if only else []
    return [own, *(workflow for workflow in every if only and workflow is not own)]


def _upgrade(
    form: Form, workflows: list[Workflow], library: Library, fields: Fields, language: Language
) -> FormUpgrade:
    name = form.name or form.document.path
    if not workflows:
        return FormUpgrade(name, NO_WORKFLOW)
    given = {id(form.document), *(id(workflow.document) for workflow in workflows)}
    upgrade = make_bookable(
        form.document,
        [workflow.document for workflow in workflows],
        others=[document for document in library.documents if id(document) not in given],
        slot_field=fields.slot,
        meeting_type_field=fields.meeting_type,
        agenda_field=fields.agenda,
        language=language,
        beside=False,
    )
    to_rehearse: dict[str, bytes] = {}
    if upgrade.status != "refused":
        # Other forms stay out: one is played.
        others = [document for document in library.documents if id(document) in given or document.kind != "formdef"]
        files = {document.path: document.raw for document in others} | upgrade.files
        to_rehearse = pack_definitions(form.document.path, [item.document.path for item in workflows], files)
    return FormUpgrade(name, upgrade.status, upgrade, compare(upgrade.originals, upgrade.files), to_rehearse)

"""Below `form_`: what templates may ask of a record (wcs-runtime.md §2.1, §5.2, §8.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workflows.reader import Field, Form, Status, Workflow

from .formdata import ActionForm, Formdata
from .names import Tree, find
from .options import OptionNames
from .templates import not_played
from .templates.dates import moment_of
from .values import NO_DATA, Blocks, FieldNames, Stored

if TYPE_CHECKING:
    from .site import Site

#: Names of w.c.s. that a rehearsal does not play.
UNMODELLED = (
    "attachments", "criticality_label", "distance", "evolution", "geoloc", "links", "objects", "parent",
    "reverse_links", "short_url", "workflow_email",
)  # fmt: skip
CHANNELS = {
    "": ("Web", "Web"),
    "web": ("Web", "Web"),
    "mail": ("Mail", "Courrier"),
    "email": ("Email", "Courriel"),
    "phone": ("Phone", "Téléphone"),
    "counter": ("Counter", "Guichet"),
    "fax": ("Fax", "Fax"),
    "social-network": ("Social Network", "Réseau social"),
}


def unmodelled(name: str) -> Callable[[], Any]:
    """A variable that is told as not played when it is asked for."""

    def refuse() -> Any:
        raise not_played("variable", name, 1)

    return refuse


def form_names(site: Site, record: Formdata) -> Tree:
    """The variables of a record, of a draft, or of a form being filled."""
    form: Form = record.form
    workflow = site.workflow(form)
    status = workflow.status(record.status) if workflow and record.status else None
    with_zone = record.receipt.astimezone(ZoneInfo(site.time_zone))
    urls = site.urls(record)
    channel = CHANNELS.get(record.channel, (record.channel, record.channel))
    return Tree(
        var=FieldNames(site.index(form), record.data, site.block_fields),
        option=lambda: OptionNames(workflow, site.options(form)),
        formdef=lambda: Tree(name=form.name, slug=form.slug, option=OptionNames(workflow, site.options(form))),
        name=form.name,
        slug=form.slug,
        type="formdef",
        number=record.number,
        number_raw=str(record.id),
        internal_id=record.id,
        identifier=str(record.id),
        uuid=record.uuid,
        display_name=f"{form.name} #{record.number}",
        digest=lambda: site.digest(record),
        uri=f"{form.slug}/{record.id}/",
        url=urls.front,
        url_backoffice=urls.backoffice,
        backoffice_url=urls.backoffice,
        api_url=urls.api,
        status_url=f"{urls.front}status",
        backoffice_submission_url=f"{site.settings.url}backoffice/submission/{form.slug}/",
        frontoffice_submission_url=f"{site.settings.url}{form.slug}/",
        publication_disabled=lambda: site.is_disabled(form),
        receipt_date=with_zone.strftime("%d/%m/%Y" if site.language == "fr" else "%Y-%m-%d"),
        receipt_time=with_zone.strftime("%H:%M"),
        receipt_datetime=lambda: moment_of(record.receipt),
        last_update_datetime=lambda: moment_of(record.status_since or record.receipt),
        tracking_code=record.tracking_code,
        status=status.name if status else "",
        status_is_endpoint=lambda: status is not None and is_endpoint(status),
        status_changed=_previous(record) != (status.name if status else "") and not record.answered,
        previous_status=_previous(record),
        criticality_level=0,
        comment=next((entry.text for entry in reversed(record.history) if entry.kind == "comment"), ""),
        details=lambda: details(record),
        user=record.user.names() if record.user else None,
        role=lambda: _roles(record, workflow),
        submission=Tree(context=record.context),
        submission_backoffice=record.backoffice,
        submission_channel=record.channel,
        submission_channel_label=site.say(*channel),
        submission_agent=record.agent.names() if record.agent else None,
        page_no=record.page,
        jumps=list(record.jumps),
        latest_jump=record.jumps[-1] if record.jumps else "",
        trigger={name: _Numbered([Tree(content=one) for one in found]) for name, found in record.triggers.items()},
        workflow=Tree(
            data={name: value for name, value in record.workflow_data.items() if not name.startswith("_")},
            form={
                name: _Numbered([Tree(var=answer_names(site, one)) for one in (*last.earlier, last)])
                for name, last in record.action_forms.items()
            },
            wscall={name: _Numbered(found) for name, found in record.wscalls.items()},
        ),
        **{name: unmodelled(f"form_{name}") for name in UNMODELLED},
    )


def answer_names(site: Site, answers: ActionForm) -> FieldNames:
    """The answers to the form of an action."""
    return FieldNames(answers.fields, answers.data, site.block_fields)


def row_names(fields: list[Field], row: dict[str, Stored], blocks: Blocks, number: int) -> dict[str, Any]:
    """`block_var_…` and the counter of a row that is being filled."""
    return {
        "block": Tree(var=FieldNames(fields, row, blocks)),
        "block_counter": {"index": number + 1, "index0": number},
    }


def is_endpoint(status: Status) -> bool:
    """Whether nothing leaves the status and nothing waits there (wcs-xml.md §5.1)."""
    if status.forced_endpoint:
        return True
    waiting = ("choice", "form", "editable", "commentable", "jump", "jumponsubmit", "webservice_call")
    return not any(action.type in waiting and (action.targets or action.type != "jump") for action in status.actions)


class _Numbered:
    """What happened several times: the last one, or by index from 0 (§5.2)."""

    do_not_call_in_templates = True

    def __init__(self, found: list[Any]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        number, _, rest = path.partition("_")
        if number == "latest" or (number.isdecimal() and int(number) < len(self._found)):
            chosen = self._found[-1 if number == "latest" else int(number)]
            return find(chosen, rest) if rest else chosen
        return find(self._found[-1], path)

    def __len__(self) -> int:
        return len(self._found)


def _previous(record: Formdata) -> str:
    names = [entry.text for entry in record.history if entry.kind == "status"]
    return next((name for name in reversed(names) if name != names[-1]), "") if names else ""


def _roles(record: Formdata, workflow: Workflow | None) -> dict[str, Any]:
    """Names of the roles that hold each function of the workflow, by its id without the underscore."""
    found: dict[str, Any] = {}
    for element in record.form.children("roles"):
        key = (element.get("role_key") or "").lstrip("_").replace("-", "_")
        found[f"{key}_name"] = element.text or ""
        found[f"{key}_role_name"] = element.text or ""
    return found


def details(record: Formdata) -> str:
    """The answers as a text, one a line."""
    lines = []
    for item in record.form.fields:
        stored = record.data.get(item.id, Stored())
        if stored.raw is not None and item.type not in ("computed", *NO_DATA):
            lines.append(f"{item.label}: {stored.display or stored.raw}")
    return "\n".join(lines)

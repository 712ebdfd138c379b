"""What a template may name at one moment, and its evaluation: what cannot be evaluated is noted, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workflows.reader import Condition, Form, View

from .calls import NamedCalls
from .formdata import Formdata
from .http import Answer
from .names import Names, Tree
from .options import OptionNames
from .people import Session
from .sources import SourceLists
from .templates import NotEvaluated, compute, holds, render
from .values import FieldNames, Stored

if TYPE_CHECKING:
    from .site import Site

#: Names that w.c.s. knows and this interpreter does not.
UNMODELLED = ("forms", "cards")
UNMODELLED_OF_FORM = ("evolution", "links", "attachments", "objects")


@dataclass
class Request:
    """One HTTP request to w.c.s., or one run of a job: what was fetched with GET is kept as long (§4.3, §6.5)."""

    session: Session
    fetched: dict[str, Answer] = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)


class Scope:
    """Variables of a record (or of the transient record of a form being filled) in one request."""

    def __init__(self, site: Site, request: Request, record: Formdata, **more: Any) -> None:
        self.site = site
        self.request = request
        self.record = record
        self._more = more

    # -- evaluation

    def text(self, source: str, where: View | str, *, html: bool = False) -> str | None:
        """The rendered text; None, with a notice, when it cannot be evaluated."""
        return self._evaluated(lambda names: render(source, names, html=html), where)

    def value(self, source: str, where: View | str) -> Any:
        """The value with its type (§4.1). Raises `NotEvaluated`, with a notice."""
        try:
            return compute(source, self.names())
        except NotEvaluated as problem:
            self.note(problem, where)
            raise

    def holds(self, condition: Condition | None, default: bool = True) -> bool:
        """Whether a condition holds; one that fails does not, as in w.c.s. (§4.5)."""
        if condition is None or condition.always:
            return default
        if condition.type != "django":
            self.site.trace.notice(
                "not-evaluated",
                place(condition),
                self.site.say("Condition in Python, not played", "Condition en Python, non jouée"),
                condition.type,
            )
            return False
        found = self._evaluated(lambda names: holds(condition.value, names), condition)
        return bool(found)

    def note(self, problem: NotEvaluated, where: View | str) -> None:
        """Tell that a template could not be evaluated."""
        message = problem.message_fr if self.site.language == "fr" else problem.message
        self.site.trace.notice("not-evaluated", place(where, problem.line), message, problem.name)

    def _evaluated(self, evaluate: Callable[[Names], Any], where: View | str) -> Any:
        try:
            return evaluate(self.names())
        except NotEvaluated as problem:
            self.note(problem, where)
            return None

    # -- names

    def names(self) -> Names:
        """All variables, the more particular ones last."""
        site, session = self.site, self.request.session
        now = site.clock.now().astimezone(ZoneInfo(site.time_zone))
        base: dict[str, Any] = {
            "now": now,
            "today": now.date(),
            "webservice": NamedCalls(self),
            "data_source": SourceLists(self),
            "session_hash_id": session.hash_id,
            "session_user": session.user.names() if session.user else None,
            "form": self._form(),
        }
        base |= {name: _unmodelled(name) for name in UNMODELLED}
        action_forms = {
            name: Tree(var=FieldNames(answers.fields, answers.data))
            for name, answers in self.record.action_forms.items()
        }
        return Names(site.variables, base, self.record.workflow_data, action_forms, self._more)

    def _form(self) -> Tree:
        record, site = self.record, self.site
        form: Form = record.form
        workflow = site.library.workflow_of(form)
        fields = [*form.fields, *(workflow.backoffice_fields.fields if workflow and workflow.backoffice_fields else [])]
        status = workflow.status(record.status) if workflow and record.status else None
        receipt = record.receipt.astimezone(ZoneInfo(site.time_zone))
        urls = site.urls(record)
        return Tree(
            var=FieldNames(fields, record.data),
            option=OptionNames(workflow, site.options(form)),
            name=form.name,
            slug=form.slug,
            number=record.number,
            number_raw=record.id,
            internal_id=record.id,
            display_name=f"{form.name} #{record.number}",
            uri=f"{form.slug}/{record.id}/",
            url=urls.front,
            url_backoffice=urls.backoffice,
            api_url=urls.api,
            status_url=urls.front,
            receipt_date=receipt.date(),
            receipt_time=receipt.strftime("%H:%M"),
            receipt_datetime=receipt,
            tracking_code=record.tracking_code,
            status=status.name if status else "",
            status_changed=True,
            previous_status=record.marks[-1] if record.marks else "",
            comment="",
            details=lambda: _details(record),
            user=record.user.names() if record.user else None,
            submission=Tree(
                context=record.context,
                backoffice=record.backoffice,
                channel=record.channel,
                agent=record.agent.names() if record.agent else None,
            ),
            workflow=Tree(
                data=record.workflow_data,
                form={
                    name: Tree(var=FieldNames(answers.fields, answers.data))
                    for name, answers in record.action_forms.items()
                },
                wscall={name: _Latest(calls) for name, calls in record.wscalls.items()},
            ),
            **{name: _unmodelled(f"form_{name}") for name in UNMODELLED_OF_FORM},
        )


class _Latest:
    """Calls of one identifier: the last one, or by index (§5.2)."""

    do_not_call_in_templates = True

    def __init__(self, calls: list[dict[str, Any]]) -> None:
        self._tree = Tree(**{**calls[-1], **{str(index): call for index, call in enumerate(calls)}})

    def __getitem__(self, name: str) -> Any:
        return self.find(name)

    def find(self, path: str) -> Any:
        return self._tree.find(path)


def _unmodelled(name: str) -> Callable[[], Any]:
    def refuse() -> Any:
        raise NotEvaluated(
            "variable",
            name,
            1,
            f"the variable {name} is not played by the rehearsal",
            f"la variable {name} n'est pas jouée par la répétition",
        )

    return refuse


def _details(record: Formdata) -> str:
    lines = []
    for item in record.form.fields:
        stored = record.data.get(item.id, Stored())
        if stored.raw is not None and item.type not in ("computed", "page"):
            lines.append(f"{item.label}: {stored.display or stored.raw}")
    return "\n".join(lines)


def place(where: View | str, line: int = 1) -> str:
    """`file:line` of a part of a definition; a text stays as it is."""
    return where if isinstance(where, str) else f"{where.document.path}:{where.line + line - 1}"

"""What a template may name at one moment, and its evaluation: what cannot be evaluated is noted, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from workflows.reader import Condition, View

from .calls import NamedCalls, call_with
from .formdata import Formdata
from .http import Answer
from .names import Names, Tree
from .people import Session
from .sources import SourceLists
from .templates import NotEvaluated, compute, holds, render, speaking
from .templates.dates import day_of, moment_of
from .variables import answer_names, form_names, unmodelled

if TYPE_CHECKING:
    from .site import Site

T = TypeVar("T")

#: Names that w.c.s. knows and this interpreter does not.
UNMODELLED = ("forms", "cards")


@dataclass
class Request:
    """One HTTP request to w.c.s., or one run of a job: what was fetched with GET is kept as long (§4.3, §6.5).

    `query` are the parameters of its address: `request.GET.X` (§2.5).
    """

    session: Session
    backoffice: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    fetched: dict[str, Answer] = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)


class Scope:
    """Variables of a record (or of the transient record of a form being filled) in one request."""

    def __init__(self, site: Site, request: Request, record: Formdata, **more: Any) -> None:
        self.site = site
        self.request = request
        self.record = record
        self._more = more

    def with_names(self, **more: Any) -> Scope:
        """The same request with more names: those of a row of a block, the parameters of a call."""
        return Scope(self.site, self.request, self.record, **{**self._more, **more})

    # -- evaluation

    def text(self, source: str, where: View | str, *, html: bool = False) -> str | None:
        """The rendered text; None, with a notice, when it cannot be evaluated."""
        return self._evaluated(lambda names: render(source, names, html=html), where)

    def value(self, source: str, where: View | str) -> Any:
        """The value with its type (§4.1). Raises `NotEvaluated`, with a notice."""
        try:
            return self._spoken(lambda names: compute(source, names))
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

    def _spoken(self, evaluate: Callable[[Names], T]) -> T:
        with speaking(self.site.language, self.site.time_zone, self.site.clock.now):
            return evaluate(self.names())

    def _evaluated(self, evaluate: Callable[[Names], T], where: View | str) -> T | None:
        try:
            return self._spoken(evaluate)
        except NotEvaluated as problem:
            self.note(problem, where)
            return None

    # -- names

    def names(self) -> Names:
        """All variables, the more particular ones last."""
        site, request = self.site, self.request
        now = moment_of(site.clock.now())
        base: dict[str, Any] = {
            "now": now,
            "today": day_of(now.date()),
            "null": None,
            "true": True,
            "false": False,
            "site_name": "w.c.s.",
            "site_url": site.settings.url.rstrip("/"),
            "site_url_backoffice": f"{site.settings.url}backoffice",
            "site_lang": site.language,
            "is_in_backoffice": request.backoffice,
            "request": Tree(GET=dict(request.query), is_in_backoffice=request.backoffice, is_from_mobile=False),
            "webservice": NamedCalls(self),
            "data_source": SourceLists(self),
            "session_hash_id": request.session.hash_id,
            "session_user": request.session.user.names() if request.session.user else None,
            "form": form_names(site, self.record),
            "__call__": lambda: lambda slug, parameters: call_with(slug, parameters, self),
        }
        base |= {name: unmodelled(name) for name in UNMODELLED}
        answers = {name: Tree(var=answer_names(site, found)) for name, found in self.record.action_forms.items()}
        return Names(base, site.variables, self.record.workflow_data, answers, self._more)


def place(where: View | str, line: int = 1) -> str:
    """`file:line` of a part of a definition; a text stays as it is."""
    return where if isinstance(where, str) else f"{where.document.path}:{where.line + line - 1}"

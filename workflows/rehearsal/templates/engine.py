"""The engine: compiled with our tags and filters only, bounded, undefined names empty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, cast

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import VariableDoesNotExist, VariableNode
from django.template.smartif import Literal as IfLiteral

from . import old_syntax
from .bounds import check_bounds
from .budget import account, spend
from .errors import NotEvaluated, unknown
from .library import BUILTINS
from .locale import ensure_configured
from .printing import Printed, PrintNode

#: Characters of a template, and of what it gives.
LONGEST, LONGEST_RESULT = 200_000, 2_000_000
INVALID = re.compile(r"Invalid (?P<kind>filter|block tag on line \d+): '(?P<name>[^']*)'")
ON_LINE = re.compile(r"on line (\d+)")


class _Engine(Engine):
    """Django's engine with our libraries in the place of its own."""

    @staticmethod
    def get_template_builtins(builtins: Any) -> list[Any]:
        return BUILTINS

    default_builtins: ClassVar[list[str]] = []


@lru_cache(maxsize=1)
def _engine() -> Engine:
    ensure_configured()
    return _Engine(dirs=[], loaders=[], libraries={}, builtins=[], string_if_invalid="")


def is_template(source: str) -> bool:
    """Whether there is something to evaluate, in the present or the older syntax."""
    return "{{" in source or "{%" in source or old_syntax.is_old(source)


@lru_cache(maxsize=2000)
def _compiled(source: str) -> Template:
    _refuse_too_long(source)
    check_bounds(source)
    try:
        template = Template(source, engine=_engine())
        for node in template.nodelist.get_nodes_by_type(VariableNode):
            node.__class__ = PrintNode
    except TemplateSyntaxError as error:
        raise _explained(error, source) from None
    except RecursionError:
        raise NotEvaluated("syntax", "", 1, "Too deeply nested", "Trop d'imbrications") from None
    except (ValueError, OverflowError, TypeError) as error:
        raise _unreadable(str(error), 1) from None
    return template


def _refuse_too_long(source: str) -> None:
    if len(source) > LONGEST:
        raise NotEvaluated("too-long", "", 1, "The template is too long", "Le gabarit est trop long")


def _explained(error: TemplateSyntaxError, source: str) -> NotEvaluated:
    text = str(error)
    found = INVALID.search(text)
    token = getattr(error, "token", None)
    written = ON_LINE.search(text)
    line = int(written[1]) if written else (token.lineno if token is not None else 1)
    if found and found["kind"] == "filter":
        return unknown("filter", found["name"], line if token is not None else _line_of(source, found["name"]))
    if found:
        return unknown("tag", found["name"], line)
    return _unreadable(text.split(". ", maxsplit=1)[0], line)


def _unreadable(message: str, line: int) -> NotEvaluated:
    said = message[:200]
    return NotEvaluated("syntax", "", line, f"The template cannot be read: {said}", f"Gabarit illisible : {said}")


def _line_of(source: str, name: str) -> int:
    found = re.search(rf"(?:\|\s*|\{{%\s*|\b){re.escape(name)}\b", source) if name else None
    return source[: found.start()].count("\n") + 1 if found else 1


class _Names(Context):
    """A context whose lowest level are the names, computed when asked for."""

    def __init__(self, names: Mapping[str, Any], *, html: bool, printed: Printed | None = None) -> None:
        super().__init__({}, autoescape=html, use_l10n=True, use_tz=False)
        self._names = names
        self.printed = printed

    def __getitem__(self, key: Any) -> Any:
        spend()
        for level in reversed(self.dicts):
            if key in level:
                return level[key]
        return self._names[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        spend()
        super().__setitem__(key, value)

    def __contains__(self, key: object) -> bool:
        return any(key in level for level in self.dicts) or key in self._names

    def get(self, key: Any, otherwise: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return otherwise

    def new(self, values: Any = None) -> Any:
        raise NotEvaluated("tag", "include", 1, "Templates may not include others", "Inclusion de gabarit non permise")


@contextmanager
def _told(source: str) -> Iterator[None]:
    """Whatever fails inside is a failure of the template, told with its line."""
    try:
        with account():
            yield
    except NotEvaluated as problem:
        if problem.kind in ("filter", "tag", "variable") and problem.line == 1:
            problem.line = _line_of(source, problem.name)
        raise
    except VariableDoesNotExist as missing:
        name = str(missing.params[0])
        raise NotEvaluated(
            "variable",
            name,
            _line_of(source, name),
            f"“{name}” has no value here, and a filter asks for it: not evaluated",
            f"« {name} » n'a pas de valeur ici, et un filtre la demande : non évalué",
        ) from None
    except (Exception, RecursionError) as error:  # Templates are input: none may end the rehearsal.
        what = f"{type(error).__name__}: {error}"[:200]
        raise NotEvaluated("failure", "", 1, f"Evaluation failed: {what}", f"Évaluation en échec : {what}") from None


def _rendered(source: str, names: Mapping[str, Any], *, html: bool, printed: Printed | None) -> str:
    with _told(source):
        text: str = _compiled(source).render(_Names(names, html=html, printed=printed)).strip()
        if len(text) > LONGEST_RESULT:
            raise NotEvaluated("too-long", "", 1, "The text is too long", "Le texte est trop long")
        return text


def _is_django(source: str) -> bool:
    return "{{" in source or "{%" in source


def _old(source: str, names: Mapping[str, Any]) -> str:
    if not old_syntax.is_old(source):
        return source
    _refuse_too_long(source)
    with _told(source):
        return old_syntax.render(source, names)


def render(source: str, names: Mapping[str, Any], *, html: bool = False) -> str:
    """The text of a template without blanks around it; undefined names are empty, `html` escapes values.

    Raises `NotEvaluated`.
    """
    return _rendered(source, names, html=html, printed=None) if _is_django(source) else _old(source, names)


def compute(source: str, names: Mapping[str, Any]) -> Any:
    """The value with its type when it is all that is printed, else the text (wcs-runtime.md §4.1).

    Raises `NotEvaluated`. An undefined name is "".
    """
    if source.startswith("="):
        raise NotEvaluated("python", "", 1, "Python expression: not evaluated", "Expression Python : non évaluée")
    if not _is_django(source):
        return _old(source, names)
    printed = Printed()
    return printed.value_of(_rendered(source, names, html=False, printed=printed))


def holds(expression: str, names: Mapping[str, Any]) -> bool:
    """Whether a condition (a Django `if` without braces) holds; undefined is None (wcs-runtime.md §4.5).

    An argument of a filter that is undefined makes it false. Raises `NotEvaluated` for what cannot be evaluated: w.c.s.
    then takes it for false.
    """
    written = " ".join(expression.split())
    with _told(expression):
        template, condition = _compiled_condition(written)
        context = _Names(names, html=True)
        with context.bind_template(template):
            try:
                return bool(condition.eval(cast(Any, context)))
            except VariableDoesNotExist:
                return False


@lru_cache(maxsize=2000)
def _compiled_condition(expression: str) -> tuple[Template, IfLiteral]:
    template = _compiled(f"{{% if {expression} %}}{{% endif %}}")
    nodes = list(template.nodelist)
    first: Any = nodes[0] if nodes else None
    if len(nodes) != 1 or len(getattr(first, "conditions_nodelists", ())) != 1:
        raise _unreadable("not one condition", 1)
    return template, first.conditions_nodelists[0][0]

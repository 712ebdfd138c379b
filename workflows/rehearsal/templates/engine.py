"""The engine: compiled with our tags and filters only, bounded, undefined names empty."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, cast

import django
from django.conf import settings
from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, TextNode, VariableDoesNotExist, VariableNode
from django.template.smartif import Literal as IfLiteral
from django.utils import timezone, translation

from . import old_syntax
from .errors import NotEvaluated, unknown
from .library import BUILTINS

#: Characters of a template, and of what it gives.
LONGEST, LONGEST_RESULT = 200_000, 2_000_000
INVALID = re.compile(r"Invalid (?P<kind>filter|block tag on line \d+): '(?P<name>[^']*)'")
ON_LINE = re.compile(r"on line (\d+)")
PYTHON = re.compile(r"^=")


def ensure_configured(language: str = "fr", time_zone: str = "Europe/Paris") -> None:
    """Give Django's engine the settings it cannot do without, when nobody gave it any."""
    if not settings.configured:
        settings.configure(
            LANGUAGE_CODE=language, TIME_ZONE=time_zone, USE_TZ=True, USE_I18N=True, USE_THOUSAND_SEPARATOR=False
        )
        # The names of days and months need it.
        django.setup()


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
    if len(source) > LONGEST:
        raise NotEvaluated("too-long", "", 1, "The template is too long", "Le gabarit est trop long")
    try:
        return Template(source, engine=_engine())
    except TemplateSyntaxError as error:
        raise _explained(error, source) from None
    except RecursionError:
        raise NotEvaluated("syntax", "", 1, "Too deeply nested", "Trop d'imbrications") from None


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
    message = text.split(". ")[0][:200]
    return NotEvaluated("syntax", "", line, f"The template cannot be read: {message}", f"Gabarit illisible : {message}")


def _line_of(source: str, name: str) -> int:
    found = re.search(rf"\|\s*{re.escape(name)}\b", source)
    return source[: found.start()].count("\n") + 1 if found else 1


class _Names(Context):
    """A context whose lowest level are the names, computed when asked for."""

    def __init__(self, names: Mapping[str, Any], *, html: bool) -> None:
        super().__init__({}, autoescape=html, use_l10n=False, use_tz=True)
        self._names = names

    def __getitem__(self, key: Any) -> Any:
        for level in reversed(self.dicts):
            if key in level:
                return level[key]
        return self._names[key]

    def __contains__(self, key: object) -> bool:
        return any(key in level for level in self.dicts) or key in self._names

    def get(self, key: Any, otherwise: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return otherwise

    def new(self, values: Any = None) -> Any:
        raise NotEvaluated("tag", "include", 1, "Templates may not include others", "Inclusion de gabarit non permise")


def _context(names: Mapping[str, Any], *, html: bool = False) -> _Names:
    return _Names(names, html=html)


def _safely(source: str, names: Mapping[str, Any], evaluate: Any) -> Any:
    """Whatever fails inside is a failure of the template, told with its first line."""
    try:
        with translation.override(settings.LANGUAGE_CODE):
            return evaluate()
    except NotEvaluated:
        raise
    except VariableDoesNotExist as missing:
        name = str(missing.params[0])
        raise NotEvaluated(
            "variable",
            name,
            1,
            f"“{name}” has no value here, and a filter asks for it: not evaluated",
            f"« {name} » n'a pas de valeur ici, et un filtre la demande : non évalué",
        ) from None
    except (Exception, RecursionError) as error:  # Templates are input: none may end the rehearsal.
        what = f"{type(error).__name__}: {error}"[:200]
        raise NotEvaluated("failure", "", 1, f"Evaluation failed: {what}", f"Évaluation en échec : {what}") from None


def render(source: str, names: Mapping[str, Any], *, html: bool = False) -> str:
    """The text of a template; undefined names are empty, `html` escapes values. Raises `NotEvaluated`."""
    if "{{" not in source and "{%" not in source and "{#" not in source:
        return old_syntax.render(source, names) if old_syntax.is_old(source) else source
    template = _compiled(source)
    text: str = _safely(source, names, lambda: template.render(_context(names, html=html)))
    if len(text) > LONGEST_RESULT:
        raise NotEvaluated("too-long", "", 1, "The text is too long", "Le texte est trop long")
    return text


def compute(source: str, names: Mapping[str, Any]) -> Any:
    """The value of one expression with its type; the text of anything else (wcs-runtime.md §4.1).

    Raises `NotEvaluated`. An undefined name is "".
    """
    _refuse_python(source)
    expression = _only_expression(source)
    if expression is None:
        return render(source, names)
    template, value_of = expression
    context = _context(names)
    with context.bind_template(template):
        return _plain(_safely(source, names, lambda: value_of.resolve(context, ignore_failures=False)))


def _only_expression(source: str) -> tuple[Template, FilterExpression] | None:
    stripped = source.strip()
    if not stripped.startswith("{{"):
        return None
    template = _compiled(stripped)
    nodes = [node for node in template.nodelist if not (isinstance(node, TextNode) and not node.s)]
    if len(nodes) == 1 and isinstance(nodes[0], VariableNode):
        return template, nodes[0].filter_expression
    return None


def _plain(value: Any) -> Any:
    """Texts of fields become plain texts."""
    if value is None or isinstance(value, bool | int | float | dict | list | tuple):
        return value
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return str(value) if isinstance(value, str) else value


def holds(expression: str, names: Mapping[str, Any]) -> bool:
    """Whether a condition (a Django `if` without braces) holds; undefined is None (wcs-runtime.md §4.5).

    Raises `NotEvaluated` for what cannot be evaluated: w.c.s. then takes it for false.
    """
    template, condition = _compiled_condition(" ".join(expression.split()))
    context = _context(names)
    with context.bind_template(template):
        return bool(_safely(expression, names, lambda: condition.eval(cast(Any, context))))


@lru_cache(maxsize=2000)
def _compiled_condition(expression: str) -> tuple[Template, IfLiteral]:
    template = _compiled(f"{{% if {expression} %}}{{% endif %}}")
    node = next(iter(_nodes(template)))
    return template, node.conditions_nodelists[0][0]


def _nodes(template: Template) -> Iterator[Any]:
    yield from template.nodelist


def _refuse_python(source: str) -> None:
    if PYTHON.match(source):
        raise NotEvaluated("python", "", 1, "Python expression: not evaluated", "Expression Python : non évaluée")

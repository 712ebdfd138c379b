"""Tags that w.c.s. adds to Django's, and those of Django's that need bounds here."""

from __future__ import annotations

import secrets
import string
from typing import Any

from django.template import Library, TemplateSyntaxError
from django.template.base import Node, NodeList, Parser, Token, token_kwargs
from django.template.defaulttags import ForNode, do_for
from django.utils.safestring import mark_safe

from .budget import spend, weighed
from .dates import moment_of
from .errors import not_played
from .filters.moments import formatted
from .lazy import plain
from .locale import now
from .printing import print_value

register = Library()

#: Letters and digits of tokens: none that is taken for another.
ALPHANUMERIC = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LONGEST_TOKEN = 1000


class _Metered(Node):
    """A part of a loop whose output counts."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.token = inner.token
        self.origin = inner.origin

    def render_annotated(self, context: Any) -> Any:
        text = str(self.inner.render_annotated(context))
        spend(len(text) + 1)
        return text

    def get_nodes_by_type(self, nodetype: Any) -> Any:
        return self.inner.get_nodes_by_type(nodetype)


@register.tag("for")
def for_(parser: Parser, token: Token) -> ForNode:
    """Django's loop, with an end."""
    found = do_for(parser, token)
    found.nodelist_loop = NodeList(_Metered(node) for node in found.nodelist_loop)
    return found


class _FirstOf(Node):
    def __init__(self, expressions: list[Any], name: str) -> None:
        self.expressions = expressions
        self.name = name

    def render(self, context: Any) -> str:
        for expression in self.expressions:
            value = expression.resolve(context, ignore_failures=True)
            if value:
                text = print_value(value, context)
                if self.name:
                    context[self.name] = text
                    return ""
                return text
        return ""


@register.tag
def firstof(parser: Parser, token: Token) -> Node:
    """The first that is not empty."""
    words = token.split_contents()[1:]
    name = words[-1] if len(words) > 1 and words[-2] == "as" else ""
    words = words[:-2] if name else words
    if not words:
        raise TemplateSyntaxError("'firstof' statement requires at least one argument")
    return _FirstOf([parser.compile_filter(word) for word in words], name)


class _Webservice(Node):
    """A named call with parameters of its own, one request at each mention."""

    def __init__(self, slug: Any, parameters: dict[str, Any], name: str) -> None:
        self.slug = slug
        self.parameters = parameters
        self.name = name

    def render(self, context: Any) -> str:
        call = context.get("__call__")
        if call is None:
            raise not_played("tag", "webservice", 1)
        values = {name: plain(value.resolve(context)) for name, value in self.parameters.items()}
        try:
            answer = call(str(self.slug.resolve(context)), values)
        except KeyError:
            answer = None
        if self.name:
            context[self.name] = answer
            return ""
        return print_value(answer, context)


@register.tag
def webservice(parser: Parser, token: Token) -> Node:
    """`{% webservice "slug" a=1 as name %}`: the call sees `parameters.a`."""
    words = token.split_contents()[1:]
    name = words[-1] if len(words) > 1 and words[-2] == "as" else ""
    words = words[:-2] if name else words
    if not words:
        raise TemplateSyntaxError("'webservice' needs the slug of a call")
    return _Webservice(parser.compile_filter(words[0]), token_kwargs(words[1:], parser), name)


@register.simple_tag(name="now")
def now_(pattern: str) -> str:
    """The present of the site by a pattern of Django."""
    return formatted(moment_of(now()), str(pattern))


@register.simple_tag
def newline(windows: bool = False) -> str:
    """The end of a line."""
    return "\r\n" if windows else "\n"


def _token(alphabet: str, length: Any) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(min(int(length), LONGEST_TOKEN)))


@register.simple_tag
def token_decimal(length: int = 6) -> str:
    """Random digits."""
    return _token(string.digits, length)


@register.simple_tag
def token_alphanum(length: int = 4) -> str:
    """Random letters and digits."""
    return _token(ALPHANUMERIC, length)


class BlockValue:
    """Rows for a field that is a block; `append` to those that are there, `merge` into one of them (True: the last)."""

    def __init__(self, rows: list[dict[str, Any]], *, append: bool = False, merge: Any = False) -> None:
        self.rows = rows
        self.append = append
        self.merge = merge


@register.simple_tag(takes_context=True)
def block_value(
    context: Any, append: Any = False, merge: Any = False, init: bool = False, output: Any = None, **values: Any
) -> Any:
    """Rows of a block, made one by one (`init`, `append=name as name`, `output=name`) or at once."""
    if isinstance(output, BlockValue):
        return _kept(context, output)
    if init:
        return BlockValue([], append=True)
    row = {name: plain(value) for name, value in values.items()}
    if isinstance(append, BlockValue):
        # The same object, as a loop forgets the names that it gave.
        append.rows.append(row)
        weighed(append.rows)
        return append
    return _kept(context, BlockValue([row], append=append is True, merge=merge))


def _kept(context: Any, value: BlockValue) -> Any:
    marks = getattr(context, "printed", None)
    return mark_safe(marks.mark(value, "<block value>")) if marks is not None else value  # noqa: S308


#: Tags of w.c.s. that reach what is not played: other records, files, the site's texts.
ELSEWHERE = (
    "action_button", "add_javascript", "make_public_url", "standard_text", "temporary_access_button",
    "temporary_access_url", "version_hash", "zip",
)  # fmt: skip


class _Elsewhere(Node):
    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line

    def render(self, context: Any) -> str:
        raise not_played("tag", self.name, self.line)


def _elsewhere(parser: Parser, token: Token) -> Node:
    return _Elsewhere(token.split_contents()[0], token.lineno or 1)


for _name in ELSEWHERE:
    register.tag(_name, _elsewhere)

"""How values become text; a text that is one printed value and nothing else keeps its type (wcs-runtime.md §4.1)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.template.base import VariableNode
from django.utils.formats import number_format
from django.utils.html import conditional_escape

from .budget import weighed
from .dates import printed
from .lazy import Lazy, plain

#: Marks of printed values: code points that no text uses.
FIRST_MARK, LAST_MARK = 0xE000, 0xF8FF
MARKS = dict.fromkeys(range(FIRST_MARK, LAST_MARK + 1))


class Printed:
    """Values that were printed, by the text that stands for each: `value_of` finds the one that is the whole text."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def mark(self, value: Any, text: str) -> str:
        """The text with a mark of its own."""
        if FIRST_MARK + len(self._values) > LAST_MARK:
            return text
        marked = text.strip() + chr(FIRST_MARK + len(self._values))
        self._values[marked] = value
        return marked

    def value_of(self, text: str) -> Any:
        """The value behind the whole text, else the text without marks."""
        if text in self._values:
            return plain(self._values[text])
        return text.translate(MARKS)


def text_of(value: Any) -> str:
    """The text of a value in the site's language."""
    inner = plain(value) if isinstance(value, Lazy) else value
    if isinstance(value, str):
        return value
    if isinstance(value, Lazy):
        return str(value)
    if isinstance(inner, datetime.date | datetime.time):
        return printed(inner)
    if isinstance(inner, int | float | Decimal) and not isinstance(inner, bool):
        return number_format(inner, use_l10n=True)
    return str(inner)


def print_value(value: Any, context: Any) -> str:
    """What stands in the place of `{{ value }}`."""
    text = weighed(text_of(value))
    if context.autoescape:
        text = conditional_escape(value if isinstance(value, str) else text)
    marks: Printed | None = getattr(context, "printed", None)
    return text if marks is None or isinstance(value, str) else marks.mark(value, text)


class PrintNode(VariableNode):
    """`{{ … }}`."""

    def render(self, context: Any) -> str:
        """The text."""
        return print_value(self.filter_expression.resolve(context), context)

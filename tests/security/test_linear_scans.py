"""Functions that read what strangers send take a time that grows with its length and not with its square.

Their lines are counted for short texts; what the interpreter hides in C is seen in processor time of long ones, where
linear and quadratic differ by far. The regular expressions among them have ``test_regular_expressions.py``.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from adapter.agendas.reminder_texts import fill_in, validate_reminder_text
from adapter.agendas.services.setup.booking import field_identifier, form_name
from adapter.api.reading.fields import Fields
from adapter.manager.templatetags.pages import with_code
from adapter.ops.scrubbing import scrub_text
from adapter.wcs.signature import query_parameters
from workflows.bookable import expressions
from workflows.reader.document import Document
from workflows.reader.style import Style
from workflows.rehearsal.coverage import QUOTED
from workflows.rehearsal.generated import template
from workflows.rehearsal.running.timeouts import seconds_of
from workflows.rehearsal.templates import old_syntax
from workflows.rehearsal.templates.bounds import check_bounds
from workflows.typography import spaced
from workflows.upgrader.sources import with_lock_code

LINES, SECONDS = 6.0, 9.0
SHORT, LONG = 2_000, 8_000
FEW, MANY = 10_000, 40_000
# Less is not looked at: it is measured too badly, and quadratic is more.
NOTHING = 0.05

TEMPLATE_MARKS = (
    "{{",
    "{%",
    "{#",
    "{{ a ",
    "{% if a %}",
    "{{ a }}",
    "{{a|",
    "{ ",
    "}}{{",
    "?lock_code={{",
    "[a ",
    "[if-any a]",
)
ADDRESS_MARKS = (
    "/booking/",
    "/booking/1/cancel",
    "?",
    "/fillslot",
    "a@",
    "a://",
    "a://b:",
    "://:",
    "a_",
    "_var_",
    "https://a/",
)
TEXT_MARKS = (
    "a",
    " ",
    "\n",
    "\t \n",
    "'",
    '"',
    '\\"',
    "`",
    "1",
    "1 ",
    ":",
    "é",
    "=",
    "&",
    "%",
    "%41",
    "@",
    ".",
    "token=",
    "\0",
)
MARKS = (*TEMPLATE_MARKS, *ADDRESS_MARKS, *TEXT_MARKS)
STARTS = ("", "{{ ", "http://")


def all_of(names: str) -> list[Callable[[str], Any]]:
    return [getattr(expressions, name) for name in names.split()]


def xml_with(text: str) -> bytes:
    """A definition in whose comment strangers may write nearly everything."""
    return f"<formdef><name>a</name><!-- {text.replace('-', '+')} --></formdef>".encode("utf-8", "replace")


def in_style(text: str) -> object:
    raw = xml_with("".join(sign for sign in text if sign.isprintable() or sign in "\n\t"))
    return Style.of(raw, Document(raw).encoding)


SCANS: dict[str, Callable[[str], Any]] = {
    **{scan.__name__: scan for scan in all_of("unparsable literal_parts booking_places is_booking_url is_cancel_url")},
    **{scan.__name__: scan for scan in all_of("has_lock_code named_calls tags")},
    "variables": lambda text: list(expressions.variables(text)),
    "with_lock_code": with_lock_code,
    "validate_reminder_text": validate_reminder_text,
    "fill_in": lambda text: fill_in(text, {}),
    "field_identifier": field_identifier,
    "form_name": form_name,
    "scrub_text": scrub_text,
    "query_parameters": query_parameters,
    "fields": lambda text: Fields({"a": text}).words("a", max_items=10**6, max_length=10**6),
    "check_bounds": check_bounds,
    "old_syntax": lambda text: old_syntax.is_old(text) and old_syntax.render(text, {"a": "x"}),
    "seconds_of": seconds_of,
    "generated": lambda text: template(f"agenda-meetings-{text}", "http://x/"),
    "quoted": lambda text: QUOTED.sub("", text),
    "style": in_style,
    "spaced": spaced,
    "with_code": with_code,
}


def tried(scan: Callable[[str], Any], text: str) -> None:
    # Refused is as good as an answer.
    with contextlib.suppress(Exception):
        scan(text)


def lines(scan: Callable[[str], Any], text: str) -> int:
    """Lines of Python that are run."""
    count = 0

    def trace(*_: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        tried(scan, text)
    finally:
        sys.settrace(before)
    return count


def seconds(scan: Callable[[str], Any], text: str) -> float:
    began = time.process_time()
    tried(scan, text)
    return time.process_time() - began


def text_of(start: str, mark: str, length: int) -> str:
    return (start + mark * length)[:length] + "\x01"


@pytest.mark.parametrize("name", SCANS)
def test_a_scan_is_linear(name: str) -> None:
    scan = SCANS[name]
    for start in STARTS:
        for mark in MARKS:
            few, many = (lines(scan, text_of(start, mark, length)) for length in (SHORT // 8, LONG // 8))
            assert many < LINES * (few + 200), (start, mark)
            if seconds(scan, text_of(start, mark, MANY)) < NOTHING:
                continue
            ratios = []
            for _attempt in range(3):
                first, second = (seconds(scan, text_of(start, mark, length)) for length in (FEW, MANY))
                ratios.append(second / max(first, 0.001))
            assert min(ratios) < SECONDS, (start, mark)

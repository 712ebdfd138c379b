"""Templates of w.c.s. come from outside: whatever is in them, a text or one error, soon and in little memory."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.corpora import files
from tests.support.thorough import at_length
from workflows.rehearsal.templates import NotEvaluated, compute, holds, render
from workflows.rehearsal.templates.budget import LONGEST_VALUE
from workflows.rehearsal.templates.library import BUILTINS, TAGS

NAMES: dict[str, Any] = {
    "a": "été <b>&\\'\"",
    "b": 12,
    "l": list(range(100)),
    "d": {"x": [1, {"y": None}], "id": "7"},
    "n": None,
    "date": "2026-11-24",
    "long": "y" * 100_000,
}
FILTERS = sorted(name for library in BUILTINS for name in library.filters)
ODD = [
    "",
    "0",
    "-1",
    "1e99999999",
    "nan",
    "inf",
    "99999999999999999999",
    "é\x00",
    "%s%s",
    "\\",
    "2026-11-24",
    ":",
    "a,b,c",
    "'",
    "{{",
]


def evaluated(source: str) -> None:
    """All three ways to look at it; only the one error is allowed, and what comes out is bounded."""
    for look in (render, compute, holds):
        try:
            found = look(source, NAMES)
        except NotEvaluated as error:
            assert error.message, source
            assert error.message_fr, source
        except Exception as error:
            raise AssertionError(f"{look.__name__}: {source}") from error
        else:
            assert not isinstance(found, str) or len(found) <= LONGEST_VALUE, source


@pytest.mark.parametrize(
    "file", files("templates") + files("conditions"), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_what_is_kept(file) -> None:
    source = file.read_text("utf-8")
    tracemalloc.start()
    try:
        evaluated(source)
        assert tracemalloc.get_traced_memory()[1] < 200 * 1024 * 1024
    finally:
        tracemalloc.stop()


values = st.sampled_from(
    [*NAMES, *(f'"{text}"' for text in ODD if '"' not in text), "5", "-3.25", "d.x.1.y", "a.__class__"]
)
calls = st.builds(
    lambda name, argument: f"|{name}" + (f":{argument}" if argument else ""),
    st.sampled_from(FILTERS),
    st.none() | values,
)
expressions = st.builds(lambda value, chain: value + "".join(chain), values, st.lists(calls, max_size=5))


@st.composite
def templates(draw: st.DrawFn, depth: int = 3) -> str:
    """Templates that mostly parse."""
    inner = templates(depth=depth - 1) if depth else st.just("x")
    kind = draw(st.integers(0, 6))
    expression = draw(expressions)
    if kind == 0:
        return f"{{% for v in {expression} %}}{draw(inner)}{{% endfor %}}"
    if kind == 1:
        return f"{{% with v={expression} %}}{draw(inner)}{{{{ v }}}}{{% endwith %}}"
    if kind == 2:
        return f"{{% if {expression} %}}{draw(inner)}{{% else %}}{{{{ {draw(expressions)} }}}}{{% endif %}}"
    if kind == 3:
        return f"{{% {draw(st.sampled_from(TAGS))} {expression} %}}{draw(inner)}"
    if kind == 4:
        return draw(inner) + draw(inner)
    return f"{{{{ {expression} }}}}"


@given(templates())
@settings(max_examples=at_length(37, 150))
def test_what_parses(source: str) -> None:
    evaluated(source)


@given(st.text(alphabet="{}%#|:.\"' abx1[]-\n", max_size=80))
@settings(max_examples=at_length(37, 150))
def test_what_mostly_does_not(source: str) -> None:
    evaluated(source)


@pytest.mark.parametrize("value", ["a", "b", "l", "d", "n", "date", '"1e99999999"', '"nan"', '""'])
def test_each_filter_with_odd_values(value: str) -> None:
    for name in FILTERS:
        for argument in ("", *(f':"{text}"' for text in ODD)):
            evaluated(f"{{{{ {value}|{name}{argument} }}}}")

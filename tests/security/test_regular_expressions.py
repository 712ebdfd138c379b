"""Every regular expression of the code is linear in what strangers send: steps are counted, see ``steps.py``.

A new one is found by itself. One that is put together while the program runs must be listed in ``PUT_TOGETHER``.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.security.steps import MOST_GROWTH, growth
from workflows.rehearsal.checks import PATTERNS

ROOT = Path(__file__).parents[2]
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
ANCHORED = {"match": "match", "fullmatch": "fullmatch"}
# By file and part of the source: what it may look like.
PUT_TOGETHER: dict[tuple[str, str], list[str | bytes]] = {
    # Matched at one place of a start tag that expat has accepted.
    ("workflows/reader/edits.py", "name"): [rb"""(?s)\A\s+lang\s*=\s*(?P<value>"[^"]*"|'[^']*')"""],
    ("workflows/reader/kinds.py", "dash"): [r"[^\w\s'-]", r"[\s'_]+"],
    ("workflows/rehearsal/templates/engine.py", "name"): [r"(?:\|\s*|\{%\s*|\b)upper\b"],
    ("workflows/rehearsal/server/given.py", "field.id"): [r"f12-(\d{1,3})-(.+)"],
    ("workflows/rehearsal/checks.py", "pattern"): [*PATTERNS.values()],
    ("adapter/agendas/queries/folding.py", "LIGATURES"): [r"(?s)oe|ae|œ|æ|."],
}


@dataclass(frozen=True)
class Use:
    """A pattern and where it stands; ``mode`` is how it meets texts."""

    place: str
    pattern: str | bytes
    flags: int
    mode: str


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("adapter", "workflows", "tasks", "fixtures"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def flags_of(call: ast.Call, position: int) -> int:
    given = [*call.args[position:], *(word.value for word in call.keywords if word.arg == "flags")]
    names = [node.attr for item in given for node in ast.walk(item) if isinstance(node, ast.Attribute)]
    return sum({getattr(re, name) for name in names if isinstance(getattr(re, name, None), re.RegexFlag)})


@cache
def read() -> tuple[list[Use], list[tuple[str, str]]]:
    """All uses with a written pattern, and (file, source) of the others."""
    uses, others = [], []
    methods: dict[tuple[str, str], set[str]] = {}
    trees = list(sources())
    for path, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                for key in ((path, node.value.id), ("", node.value.id)):
                    methods.setdefault(key, set()).add(node.attr)
    for path, tree in trees:
        names = {
            id(node.value): target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in ("re", "regex"), f"{path}: import re, so that patterns are found"
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            function = name.removeprefix("re.")
            if name == "RegexValidator" or (name.startswith("re.") and function in FUNCTIONS):
                pattern = node.args[0]
                if not isinstance(pattern, ast.Constant):
                    others.append((path, ast.unparse(pattern)))
                    continue
                known = names.get(id(node), "")
                used = methods.get((path, known)) or methods.get(("", known)) or set()
                mode = ANCHORED.get(function, "scan")
                used &= FUNCTIONS
                if function == "compile" and used and used <= set(ANCHORED):
                    mode = "match" if "match" in used else "fullmatch"
                flags = flags_of(node, {"compile": 1, "sub": 3}.get(function, 2)) if name != "RegexValidator" else 0
                uses.append(Use(f"{path}:{node.lineno}", pattern.value, flags, mode))
    return uses, others


def test_those_put_together_are_listed() -> None:
    for path, source in read()[1]:
        listed = any(path == place and part in source for place, part in PUT_TOGETHER)
        assert listed, f"{path}: {source}: list it in PUT_TOGETHER with examples"


@pytest.mark.parametrize("use", read()[0], ids=lambda use: use.place)
def test_each_is_linear(use: Use) -> None:
    found, text = growth(use.pattern, use.flags, use.mode)
    assert found < MOST_GROWTH, f"{use.pattern!r} takes long for {text!r}"


@pytest.mark.parametrize("pattern", [one for examples in PUT_TOGETHER.values() for one in examples])
def test_examples_of_those_put_together_are_linear(pattern: str | bytes) -> None:
    # A pattern of the form itself is matched by rehearsals only, in their process with its limits.
    found, text = growth(pattern, mode="fullmatch" if pattern in PATTERNS.values() else "scan")
    assert found < MOST_GROWTH, f"{pattern!r} takes long for {text!r}"


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "scan"),
        (r"\{\{\s*([^{}]*?)\s*\}\}", "scan"),
        (r"\{\{\s*([^{}|]*?)\s*(?:\|[^{}]*)?\}\}", "fullmatch"),
        (r"\{\{\s*(?P<expression>[^{}|]+?(?:\|[^{}]*?)?)\s*\}\}", "fullmatch"),
        (r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", "scan"),
        (r"(\w+://)[^\s/@]*:[^\s@]*@", "scan"),
        (r"\?[^\s\"'<>)]*=[^\s\"'<>)]*", "scan"),
        (r"/booking/[^?]*/cancel/?(?:$|\?)", "scan"),
        (r"://[^/@\s{}]+:[^/@\s{}]+@", "scan"),
        (r"(\d+)\s*([^\W\d]+)", "scan"),
        (r"[^@\s]+@[^@\s]+\.[^@\s]+", "fullmatch"),
        (r"https?://[^\s/]+\S*", "fullmatch"),
        (r"\[(?P<word>if|[A-Za-z_][\w.]*)(?P<rest>[^\[\]]*)\]", "scan"),
        (rb"</[^>]+><[^/!?]", "scan"),
        (rb"""<[^?!/>][^>]*?=\s*(["'])""", "scan"),
        (r"(?:a+)+b", "match"),
        (r"(?:a|a)*b", "match"),
    ],
)
def test_the_count_finds_those_that_are_not(pattern: str | bytes, mode: str) -> None:
    assert growth(pattern, mode=mode)[0] > MOST_GROWTH


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a|ab)(c|bcd)+?x*", "abcdbcdxx"),
        (r"(?<!\w)\w++@(?=x)", "a b@x c@y"),
        (r"(?i)ab{2,3}?[^\s]\b", "ABBB abbc, abb!"),
        (r"^(?:[a-z]+|\d)*$", "abc12d"),
    ],
)
def test_the_count_takes_the_ways_of_re(pattern: str, text: str) -> None:
    """The same matches as ``re`` finds: what is counted is what would be done."""
    from tests.security.steps import Matcher

    matcher = Matcher(pattern)
    matcher.text = text
    found, position = [], 0
    while position <= len(text):
        end = matcher._first(list(matcher.parsed), position, matcher.flags)
        if end is not None:
            found.append((position, end))
        position = max(end or 0, position + 1)
    assert found == [match.span() for match in re.finditer(pattern, text)]


sys.setrecursionlimit(max(sys.getrecursionlimit(), 5000))

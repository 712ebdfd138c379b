"""The first page: what it shows of its two commands is what they print, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from scripts import demo
from tests.test_house import ROOT

PAGE = (ROOT / "README.md").read_text("utf-8")


def shown(command: str) -> list[str]:
    """The lines under a command, without the sign for what was left out."""
    (block,) = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    after = block.partition(f"$ {command}\n")[2].partition("\n$ ")[0]
    return [line for line in after.splitlines() if line != "…"]


def test_the_demo_says_what_the_page_shows() -> None:
    said = demo.welcome(8000, Path("var"), "demo").splitlines()
    assert len(shown("make demo")) > 3
    assert not [line for line in shown("make demo") if line not in said]


def test_the_tests_run_where_the_page_says() -> None:
    source = (ROOT / "scripts/test.py").read_text("utf-8")
    assert len(shown("make test")) == 2
    assert not [line for line in shown("make test") if line not in source]


def test_every_promise_leads_to_tests_that_are_there() -> None:
    promises = PAGE.partition("| promise | tests |\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(promises) >= 6
    for promise in promises:
        named = re.findall(r"\]\((tests/[\w/.]+)\)", promise)
        assert named, promise
        assert not [name for name in named if not (ROOT / name).exists()]

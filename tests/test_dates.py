"""How dates are said, on pages and in mails."""

from __future__ import annotations

import datetime
import re

import pytest
from django.template import engines
from django.utils import translation

from adapter.dates import date_text
from tests.test_house import ROOT, tracked

FIRST, SECOND = datetime.date(2026, 12, 1), datetime.date(2026, 12, 2)


@pytest.mark.parametrize(
    ("language", "day", "pattern", "said"),
    [
        ("fr", FIRST, "DATE_FORMAT", "1er décembre 2026"),
        ("fr", FIRST, "l j F Y", "mardi 1er décembre 2026"),
        ("fr", FIRST, "D j", "mar 1er"),
        ("fr-be", FIRST, "j F", "1er décembre"),
        ("fr", SECOND, "l j F Y", "mercredi 2 décembre 2026"),
        ("fr", datetime.date(2026, 12, 11), "j F", "11 décembre"),
        ("fr", FIRST, "SHORT_DATE_FORMAT", "01/12/2026"),
        ("fr", FIRST, "Y-m-d", "2026-12-01"),
        ("fr", FIRST, r"\j j", "j 1er"),
        ("en", FIRST, "DATE_FORMAT", "Dec. 1, 2026"),
        ("en", FIRST, "l j F Y", "Tuesday 1 December 2026"),
    ],
)
def test_french_says_the_first_of_a_month_as_an_ordinal(language, day, pattern, said) -> None:
    with translation.override(language):
        assert date_text(day, pattern) == said
        template = engines["django"].from_string("{{ day|date:pattern }}")
        assert template.render({"day": day, "pattern": pattern}) == said


def test_the_filter_goes_by_the_local_day() -> None:
    # Half an hour past midnight in Paris.
    moment = datetime.datetime(2026, 11, 30, 23, 30, tzinfo=datetime.UTC)
    with translation.override("fr"):
        rendered = engines["django"].from_string('{{ moment|date:"j F, H:i" }}').render({"moment": moment})
    assert rendered == "1er décembre, 00:30"


def test_the_filter_leaves_alone_what_is_no_date_said() -> None:
    with translation.override("fr"):
        show = engines["django"].from_string
        assert show('{{ day|date:"j" }} {{ day|date }}').render({"day": FIRST}) == "1 1er décembre 2026"
        assert show('{{ time|date:"H:i" }}').render({"time": datetime.time(9)}) == "09:00"
        assert show('[{{ day|date:"j F" }}{{ none|date:"j F" }}]').render({"day": "", "none": None}) == "[]"


def test_nobody_else_says_dates() -> None:
    others = re.compile(r"date_format\(|dateformat|format_date\(")
    # Slots in the API are called as the contract says; a rehearsal says dates as w.c.s. does.
    named = {ROOT / "adapter/dates.py", ROOT / "adapter/agendas/labels.py"}
    files = [file for file in tracked(".py") if file.relative_to(ROOT).parts[0] in ("adapter", "tasks")]
    assert named < set(files)
    assert {file for file in files if others.search(file.read_text("utf-8"))} == named

"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.template import Context, Engine, Library

from workflows.languages import Language
from workflows.typography import spaced

from ..report import JourneyReport, Report
from ..templates import ensure_configured
from .words import words

PAGE = Path(__file__).with_name("report.html")
#: Characters of a body or an answer.
LONGEST = 20_000
FILTERS = Library()
FILTERS.filter("spaced", spaced)


def as_html(report: Report, language: Language) -> str:
    """The page; everything that comes from definitions or answers is escaped."""
    ensure_configured(language)
    engine = Engine(autoescape=True)
    engine.template_builtins.append(FILTERS)
    context = {
        "t": words(language),
        "language": language,
        "report": report,
        "outcome": words(language)[report.outcome],
        "journeys": [_journey(journey) for journey in report.journeys],
    }
    return engine.from_string(PAGE.read_text("utf-8")).render(Context(context))


def _journey(journey: JourneyReport) -> dict[str, Any]:
    notices = journey.trace.notices
    return {
        "name": journey.name,
        "title": journey.title,
        "verdict": journey.verdict,
        "word": journey.verdict.replace("-", "_"),
        "steps": journey.steps,
        "findings": journey.findings,
        "not_evaluated": [notice for notice in notices if notice.kind == "not-evaluated"],
        "notices": [notice for notice in notices if notice.kind not in ("not-evaluated", "early")],
        "calls": [
            {"call": call, "body": _pretty(call.body), "answer": _pretty(call.answer)} for call in journey.trace.calls
        ],
    }


def _pretty(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

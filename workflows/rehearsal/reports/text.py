"""The report for a terminal: verdicts and findings; calls only of journeys that failed, or on request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from workflows.languages import Language

from ..report import JourneyReport, Report
from ..trace import Call
from .words import words

MARKS = {"passed": "✔", "failed": "✘", "not-played": "–"}
#: Characters of bodies and answers.
SHORT = 300


def as_text(report: Report, language: Language, *, calls: bool = False) -> str:
    """The report; with `calls` every journey shows its calls."""
    t = words(language)
    colon = " : " if language == "fr" else ": "
    about = [(name, getattr(report, name)) for name in ("form", "workflow", "adapter", "fault")]
    lines = [f"{t[name]}{colon}{value}" for name, value in about if value]
    for journey in report.journeys:
        lines += ["", *_journey(journey, t, colon, calls)]
    return "\n".join([*lines, "", t[report.outcome], ""])


def _journey(journey: JourneyReport, t: dict[str, str], colon: str, calls: bool) -> Iterator[str]:
    yield f"{MARKS[journey.verdict]} {journey.name} – {journey.title}{colon}{t[journey.verdict.replace('-', '_')]}"
    for step in journey.steps:
        yield f"    {step.text}"
    for found in journey.findings:
        yield f"  {'!' if found.severity == 'error' else '·'} {found.message}"
        if found.remedy:
            yield f"      → {found.remedy}"
    missed = [notice for notice in journey.trace.notices if notice.kind != "early"]
    for notice in missed:
        yield f"  ? {notice.where}{colon}{notice.message}"
    if calls or journey.verdict == "failed":
        for call in journey.trace.calls:
            yield from _call(call, t)


def _call(call: Call, t: dict[str, str]) -> Iterator[str]:
    said = str(call.status) if call.status else t["no_answer"]
    on_purpose = f" [{t['on_purpose']}]" if call.fault else ""
    yield f"      {said:>4} {call.ms:>5} ms  {call.method} {call.url}  – {call.who}{on_purpose}"
    if call.error:
        yield f"             {call.error}"
    if call.body is not None:
        yield f"             {_short(call.body)}"
    if call.answer is not None:
        yield f"             ← {_short(call.answer)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"

"""What a rehearsal found: journeys with their steps, findings, calls, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .trace import Trace

Verdict = Literal["passed", "failed", "not-played"]
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Step:
    """Something that was done and went as it should."""

    text: str


@dataclass(frozen=True)
class Finding:
    """Something wrong, or worth knowing, with a way out."""

    severity: Severity
    message: str
    remedy: str = ""


@dataclass
class JourneyReport:
    """One journey. `verdict` is `not-played` when the definitions, or the adapter at hand, do not offer it."""

    name: str
    title: str
    verdict: Verdict = "passed"
    steps: list[Step] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    trace: Trace = field(default_factory=Trace)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "journey": self.name,
            "title": self.title,
            "verdict": self.verdict,
            "steps": [step.text for step in self.steps],
            "findings": [
                {"severity": found.severity, "message": found.message, "remedy": found.remedy}
                for found in self.findings
            ],
            "calls": [call.as_dict() for call in self.trace.calls],
            "notices": [notice.as_dict() for notice in self.trace.notices],
        }


@dataclass
class Report:
    """All journeys of one form."""

    form: str
    workflow: str
    adapter: str
    fault: str = ""
    journeys: list[JourneyReport] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether no journey failed, and at least one was played."""
        verdicts = [journey.verdict for journey in self.journeys]
        return "failed" not in verdicts and "passed" in verdicts

    @property
    def outcome(self) -> Literal["all_passed", "some_failed", "nothing_played"]:
        """In one word."""
        if self.passed:
            return "all_passed"
        return "some_failed" if any(journey.verdict == "failed" for journey in self.journeys) else "nothing_played"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "form": self.form,
            "workflow": self.workflow,
            "adapter": self.adapter,
            "fault": self.fault,
            "verdict": "passed" if self.passed else "failed",
            "journeys": [journey.as_dict() for journey in self.journeys],
        }

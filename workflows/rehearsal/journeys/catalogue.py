"""All journeys by name, and the playing of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..adapter import AdapterFailed, NotPossible
from ..http import NoAnswer
from ..report import Finding, JourneyReport, Report
from . import booking, changes, late, repeats
from .errors import Failed, NotOffered
from .setting import prepare, tell_what_was_prepared
from .stage import Stage
from .trouble import FAULTS

__all__ = ["FAULTS", "JOURNEYS", "Journey", "play"]


@dataclass(frozen=True)
class Journey:
    """`play` raises `Failed` with the reason, `NotOffered` when the definitions do not go there."""

    name: str
    english: str
    french: str
    play: Callable[[Stage], None]


JOURNEYS = {
    journey.name: journey
    for journey in (
        Journey(
            "backoffice", "An agent books from the calendar", "Un agent réserve depuis l'agenda", booking.backoffice
        ),
        Journey("citizen", "A citizen books", "Un usager réserve", booking.citizen),
        Journey("expiry", "Back late, the slot is still free", "Retour tardif, créneau encore libre", late.expiry),
        Journey("lost", "Back late, the slot is taken", "Retour tardif, créneau pris", late.lost),
        Journey(
            "retry", "The answer is lost, the booking repeated", "Réponse perdue, réservation répétée", repeats.retry
        ),
        Journey("cancel", "Cancelled by the agent, by the citizen", "Annulé par l'agent, par l'usager", changes.cancel),
        Journey("move", "Moved to another slot", "Déplacé vers un autre créneau", changes.move),
        Journey("double-click", "Everything is sent twice", "Tout est envoyé deux fois", booking.double_click),
        Journey("two-records", "Two forms in one browser", "Deux formulaires dans un navigateur", booking.two_records),
    )
}


def play(stage: Stage, names: Iterable[str] = ()) -> Report:
    """Play the journeys, all of them by default, and report each; nothing that goes wrong in one ends the others."""
    report = Report(stage.form.name, stage.workflow.name, stage.adapter.url, stage.fault)
    prepare(stage)
    for name in names or JOURNEYS:
        journey = JOURNEYS[name]
        one = JourneyReport(name, stage.say(journey.english, journey.french))
        report.journeys.append(one)
        stage.begin(one)
        if len(report.journeys) == 1:
            tell_what_was_prepared(stage)
        _play_one(stage, journey, one)
        stage.adapter.clean()
    return report


def _play_one(stage: Stage, journey: Journey, report: JourneyReport) -> None:
    try:
        journey.play(stage)
    except NotOffered as absent:
        report.verdict = "not-played"
        report.findings.append(Finding("warning", str(absent)))
    except NotPossible:
        report.verdict = "not-played"
        report.findings.append(
            Finding(
                "warning",
                stage.say(
                    "Not possible against an adapter that somebody else runs; without --url it is played.",
                    "Impossible contre un adaptateur déjà en service ; sans --url, ce parcours est joué.",
                ),
            )
        )
    except Failed as failure:
        report.verdict = "failed"
        report.findings.append(Finding("error", str(failure), failure.remedy))
    except (AdapterFailed, NoAnswer) as failure:
        report.verdict = "failed"
        report.findings.append(Finding("error", stage.say(f"The adapter: {failure}", f"L'adaptateur : {failure}")))

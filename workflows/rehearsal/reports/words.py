"""Words of reports, in French and English."""

from __future__ import annotations

from workflows.languages import Language

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Répétition", "Rehearsal"),
    "form": ("Formulaire", "Form"),
    "workflow": ("Workflow", "Workflow"),
    "adapter": ("Adaptateur", "Adapter"),
    "fault": ("Panne provoquée", "Fault"),
    "passed": ("réussi", "passed"),
    "failed": ("échoué", "failed"),
    "not_played": ("non joué", "not played"),
    "all_passed": ("Tous les parcours joués ont réussi.", "All journeys that were played passed."),
    "some_failed": ("Des parcours ont échoué.", "Some journeys failed."),
    "nothing_played": ("Aucun parcours n'a pu être joué.", "No journey could be played."),
    "steps": ("Ce qui s'est passé", "What happened"),
    "findings": ("Constats", "Findings"),
    "error": ("erreur", "error"),
    "warning": ("à savoir", "worth knowing"),
    "remedy": ("Que faire", "What to do"),
    "not_evaluated": ("Gabarits non évalués", "Templates not evaluated"),
    "notices": ("Non joué, ou à savoir", "Not played, or worth knowing"),
    "calls": ("Appels", "Calls"),
    "body": ("Corps envoyé", "Body sent"),
    "answer": ("Réponse", "Answer"),
    "no_answer": ("sans réponse", "no answer"),
    "on_purpose": ("panne provoquée", "on purpose"),
    "made": (
        "Joué par un interpréteur de définitions, pas par w.c.s. lui-même.",
        "Played by an interpreter of definitions, not by w.c.s. itself.",
    ),
}


def words(language: Language) -> dict[str, str]:
    """Key → text."""
    return {key: pair[0 if language == "fr" else 1] for key, pair in WORDS.items()}

"""Why something could not be evaluated."""

from __future__ import annotations

from typing import Literal

Kind = Literal["filter", "tag", "syntax", "failure", "variable", "python", "old-syntax", "too-long"]
Part = Literal["filter", "tag", "variable"]

FRENCH: dict[str, tuple[str, str]] = {"filter": ("Filtre", ""), "tag": ("Balise", "e"), "variable": ("Variable", "e")}


class NotEvaluated(Exception):
    """`name` is the filter, tag or variable, `line` its line in the template, from 1."""

    def __init__(self, kind: Kind, name: str, line: int, message: str, message_fr: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name
        self.line = line
        self.message = message
        self.message_fr = message_fr


def unknown(kind: Literal["filter", "tag"], name: str, line: int) -> NotEvaluated:
    """A filter or tag that the rehearsal does not know: of this site only, or newer."""
    french, ending = FRENCH[kind]
    return NotEvaluated(
        kind,
        name,
        line,
        f"Unknown {kind} “{name}”: not evaluated (is it an addition of your site?)",
        f"{french} « {name} » inconnu{ending} : non évalué{ending} (un ajout de votre site ?)",
    )


def not_played(kind: Part, name: str, line: int) -> NotEvaluated:
    """Something of w.c.s. that depends on what a rehearsal does not have: cards, other records, files."""
    from .budget import problem

    french, ending = FRENCH[kind]
    return problem(
        NotEvaluated(
            kind,
            name,
            line,
            f"The {kind} “{name}” is not played by the rehearsal: not evaluated",
            f"{french} « {name} » non jou{'é' + ending} par la répétition : non évalué{ending}",
        )
    )

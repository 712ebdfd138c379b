"""Why something could not be evaluated."""

from __future__ import annotations

from typing import Literal

Kind = Literal["filter", "tag", "syntax", "failure", "variable", "python", "old-syntax", "too-long"]


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
    french = "Filtre" if kind == "filter" else "Balise"
    return NotEvaluated(
        kind,
        name,
        line,
        f"Unknown {kind} “{name}”: not evaluated (is it an addition of your site?)",
        f"{french} « {name} » inconnu{'' if kind == 'filter' else 'e'} : non évalué (un ajout de votre site ?)",
    )

"""The catalog is as ``make messages`` leaves it, and its French has the spaces it wants."""

from __future__ import annotations

import pytest

from scripts.messages import CATALOG, tidied
from workflows.typography import NO_BREAK_SPACE, spaced


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Annuler ce rendez-vous ?", "Annuler ce rendez-vous_?"),
        ("Le guichet « Un » : fermé ; libre", "Le guichet «_Un_»_: fermé_; libre"),
        ("09:30, https://a.example/?b=1", "09:30, https://a.example/?b=1"),
    ],
)
def test_french_gets_its_spaces_once(typed, printed) -> None:
    assert spaced(typed) == spaced(spaced(typed)) == printed.replace("_", NO_BREAK_SPACE)


def test_the_catalog_is_sorted_spaced_and_without_idle_lines() -> None:
    """When this fails: ``make messages``."""
    catalog = CATALOG.read_text("utf-8")
    assert catalog == tidied(catalog)


def test_guesses_and_what_is_not_used_any_more_go() -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    guess = '\n#, fuzzy\nmsgid "Add a desk"\nmsgstr "Ajouter un agenda"\n'
    old = '\n#~ msgid "Old"\n#~ msgstr "Ancien"\n'
    assert tidied(head + guess + old).endswith('msgid "Add a desk"\nmsgstr ""\n')

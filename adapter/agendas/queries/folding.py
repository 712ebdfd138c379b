"""Finding names as people type them: without their accents, in small letters or capitals."""

from __future__ import annotations

import re
import unicodedata

# Letters of names in and around France and Belgium, for a base letter that is typed.
VARIANTS = {
    "a": "aàáâãäåā",
    "c": "cçćč",
    "e": "eèéêëēęě",
    "i": "iìíîïī",
    "l": "lł",
    "n": "nñńň",
    "o": "oòóôõöøō",
    "s": "sśšş",
    "u": "uùúûüū",
    "y": "yýÿ",
    "z": "zźžż",
}
LIGATURES = {"oe": "œ", "ae": "æ"}
PIECES = re.compile("|".join([*LIGATURES, *LIGATURES.values(), "."]), re.DOTALL)
BASES = {variant: base for base, variants in VARIANTS.items() for variant in variants}


def folded_pattern(word: str) -> str:
    """A regular expression, the same for Python and PostgreSQL, for ``word`` with or without accents, in any case.

    Databases do not agree on the case of letters with accents, so both cases are written out.
    """
    text = unicodedata.normalize("NFC", word).lower()
    return "".join(_piece(piece) for piece in PIECES.findall(text))


def _piece(piece: str) -> str:
    for pair, ligature in LIGATURES.items():
        if piece in (pair, ligature):
            return f"(?:{''.join(_piece(letter) for letter in pair)}|[{ligature}{ligature.upper()}])"
    letters = VARIANTS.get(BASES.get(piece, ""), "")
    return f"[{letters}{letters.upper()}]" if letters else re.escape(piece)

"""The older syntax with square brackets: names, `if-any` and `is`; nothing more is played."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import NotEvaluated

TAG = re.compile(r"\[(?P<word>if-any|is|else|end|[A-Za-z_][\w.]*+)(?P<rest>[^\[\]]*+)\]")
#: Blocks inside each other.
DEEPEST = 50


def is_old(source: str) -> bool:
    """Whether it holds something between square brackets that could be a name."""
    return "{{" not in source and "{%" not in source and re.search(r"\[[A-Za-z_][\w.\- ]*+\]", source) is not None


def render(source: str, names: Mapping[str, Any]) -> str:
    """The text; raises `NotEvaluated` for tags other than these. Undefined names stay as they are written."""
    return _Reading(source, names).block(0)


class _Reading:
    """One reading from the start to the end; `position` is how far it is."""

    def __init__(self, source: str, names: Mapping[str, Any]) -> None:
        self.source, self.names, self.position = source, names, 0

    def block(self, depth: int) -> str:
        """The text up to the end, or inside another block up to its `else` or `end`, which is not taken."""
        if depth > DEEPEST:
            raise NotEvaluated("too-long", "", 1, "Too deeply nested", "Trop d'imbrications")
        parts: list[str] = []
        while found := TAG.search(self.source, self.position):
            parts.append(self.source[self.position : found.start()])
            word, rest = found["word"], found["rest"].strip()
            if word in ("else", "end") and depth:
                self.position = found.start()
                return "".join(parts)
            self.position = found.end()
            if word in ("if-any", "is"):
                parts.append(self._branch(word, rest, depth))
            elif rest or word in ("else", "end", "for", "format", "define", "include"):
                raise NotEvaluated(
                    "old-syntax",
                    word,
                    1,
                    f"[{word}] of the older syntax: not evaluated",
                    f"[{word}] de l'ancienne syntaxe : non évalué",
                )
            else:
                value = self._value(word)
                parts.append(found[0] if value is None else str(value))
        parts.append(self.source[self.position :])
        self.position = len(self.source)
        return "".join(parts)

    def _branch(self, word: str, rest: str, depth: int) -> str:
        name, _, wanted = rest.partition(" ")
        value = self._value(name)
        holds = bool(value) if word == "if-any" else str(value) == wanted.strip().strip('"')
        first, second = self.block(depth + 1), ""
        if self._take("else"):
            second = self.block(depth + 1)
        if not self._take("end"):
            raise NotEvaluated("old-syntax", word, 1, f"[{word}] without [end]", f"[{word}] sans [end]")
        return first if holds else second

    def _take(self, word: str) -> bool:
        """Whether that tag comes next; it is taken then."""
        found = TAG.match(self.source, self.position)
        if found is None or found["word"] != word:
            return False
        self.position = found.end()
        return True

    def _value(self, name: str) -> Any:
        try:
            return self.names[name.replace(".", "_")]
        except KeyError:
            return None

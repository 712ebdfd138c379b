"""The older syntax with square brackets: names, `if-any` and `is`; nothing more is played."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import NotEvaluated

TAG = re.compile(r"\[(?P<word>if-any|is|else|end|[A-Za-z_][\w.]*)(?P<rest>[^\[\]]*)\]")


def is_old(source: str) -> bool:
    """Whether it holds something between square brackets that could be a name."""
    return "{{" not in source and "{%" not in source and re.search(r"\[[A-Za-z_][\w.\- ]*\]", source) is not None


def render(source: str, names: Mapping[str, Any]) -> str:
    """The text; raises `NotEvaluated` for tags other than these. Undefined names stay as they are written."""
    text, rest = _block(source, names, inside=False)
    return text + rest


def _block(source: str, names: Mapping[str, Any], *, inside: bool) -> tuple[str, str]:
    parts: list[str] = []
    while found := TAG.search(source):
        parts.append(source[: found.start()])
        source, word, rest = source[found.end() :], found["word"], found["rest"].strip()
        if word in ("else", "end") and inside:
            return "".join(parts), f"[{word}]{source}"
        if word in ("if-any", "is"):
            chosen, source = _branch(word, rest, source, names)
            parts.append(chosen)
        elif rest or word in ("else", "end", "for", "format", "define", "include"):
            raise NotEvaluated(
                "old-syntax",
                word,
                1,
                f"[{word}] of the older syntax: not evaluated",
                f"[{word}] de l'ancienne syntaxe : non évalué",
            )
        else:
            value = _value(word, names)
            parts.append(found[0] if value is None else str(value))
    return "".join([*parts, source]), ""


def _branch(word: str, rest: str, source: str, names: Mapping[str, Any]) -> tuple[str, str]:
    name, _, wanted = rest.partition(" ")
    value = _value(name, names)
    holds = bool(value) if word == "if-any" else str(value) == wanted.strip().strip('"')
    first, source = _block(source, names, inside=True)
    second = ""
    if source.startswith("[else]"):
        second, source = _block(source.removeprefix("[else]"), names, inside=True)
    if not source.startswith("[end]"):
        raise NotEvaluated("old-syntax", word, 1, f"[{word}] without [end]", f"[{word}] sans [end]")
    return first if holds else second, source.removeprefix("[end]")


def _value(name: str, names: Mapping[str, Any]) -> Any:
    try:
        return names[name.replace(".", "_")]
    except KeyError:
        return None

"""What a template may ask of the engine before any of it is parsed: Django's parser has no bounds of its own."""

from __future__ import annotations

from workflows.bookable.expressions import pieces

from .errors import NotEvaluated

MARKS = ("{{", "{%", "{#")
#: Tags of one template, characters of one tag, blocks inside each other.
MOST_TAGS, LONGEST_TAG, DEEPEST = 4_000, 10_000, 50
#: Characters that Django looks through for the ends of marks that are not closed: from each to the end of its line.
MOST_LOOKED_THROUGH = 2_000_000


def check_bounds(source: str) -> None:
    """Raise `NotEvaluated` for a template that would take long to parse. Linear."""
    tags = looked_through = 0
    blocks: list[tuple[str, bool]] = []
    for line in source.split("\n"):
        unclosed = 0
        for is_tag, text in pieces(line):
            if not is_tag:
                unclosed += sum(text.count(mark) for mark in MARKS)
                continue
            tags += 1
            if len(text) > LONGEST_TAG:
                raise _beyond("A tag is too long", "Une balise est trop longue")
            if text.startswith("{%"):
                _nest(blocks, text)
            if len(blocks) > DEEPEST:
                raise _beyond("Too deeply nested", "Trop d'imbrications")
        looked_through += unclosed * len(line)
        if tags > MOST_TAGS or looked_through > MOST_LOOKED_THROUGH:
            raise _beyond("Too many tags, or tags that are not closed", "Trop de balises, ou de balises non fermées")


def _nest(blocks: list[tuple[str, bool]], tag: str) -> None:
    """Note in ``blocks`` (what ends each, and whether Django skips all until then) what a tag opens or ends."""
    contents = tag[2:-2].strip()
    word = (contents.split(None, 1) or [""])[0]
    # As Django's lexer has it, which knows one blank there.
    is_verbatim = f"{contents} ".startswith("verbatim ")
    if blocks:
        end, skips = blocks[-1]
        if end == (contents if skips else word):
            blocks.pop()
            return
        # Within a comment only `verbatim` counts, and within that nothing.
        if skips and not (end == "endcomment" and is_verbatim):
            return
    if is_verbatim or word == "comment":
        blocks.append((f"end{contents if is_verbatim else word}", True))
    elif word in BLOCKS:
        blocks.append((f"end{word}", False))


#: Tags that have an end.
BLOCKS = frozenset(
    {"autoescape", "block", "comment", "filter", "for", "if", "ifchanged", "spaceless", "verbatim", "with"}
)


def _beyond(message: str, message_fr: str) -> NotEvaluated:
    return NotEvaluated("too-long", "", 1, message, message_fr)

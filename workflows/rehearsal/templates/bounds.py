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
    tags = depth = looked_through = 0
    for line in source.split("\n"):
        unclosed = 0
        for is_tag, text in pieces(line):
            if not is_tag:
                unclosed += sum(text.count(mark) for mark in MARKS)
                continue
            tags += 1
            if len(text) > LONGEST_TAG:
                raise _beyond("A tag is too long", "Une balise est trop longue")
            depth += _step(text)
            if depth > DEEPEST:
                raise _beyond("Too deeply nested", "Trop d'imbrications")
        looked_through += unclosed * len(line)
        if tags > MOST_TAGS or looked_through > MOST_LOOKED_THROUGH:
            raise _beyond("Too many tags, or tags that are not closed", "Trop de balises, ou de balises non fermées")


def _step(tag: str) -> int:
    """1 for a tag that opens a block, -1 for one that closes it, else 0."""
    word = tag[2:-2].split(None, 1)[:1] if tag.startswith("{%") else []
    if not word:
        return 0
    return -1 if word[0].startswith("end") else int(word[0] in BLOCKS)


#: Tags that have an end.
BLOCKS = frozenset(
    {"autoescape", "block", "comment", "filter", "for", "if", "ifchanged", "spaceless", "verbatim", "with"}
)


def _beyond(message: str, message_fr: str) -> NotEvaluated:
    return NotEvaluated("too-long", "", 1, message, message_fr)

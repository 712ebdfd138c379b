"""What the templates of definitions use, and what of it a rehearsal cannot evaluate.

`python -m workflows.rehearsal.coverage PATH…` counts filters, tags, actions and variables, and names what is left.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from workflows.bookable.expressions import tags
from workflows.reader import Definition, Workflow, load_many

from .running.actions import DOING, WAITING
from .templates import NotEvaluated
from .templates.library import BUILTINS, NOT_PLAYED

#: Elements whose text is a condition: an expression without braces.
CONDITION = "condition"
FILTER = re.compile(r"\|\s*(\w+)")
NAME = re.compile(r"(?<![\w.|:'\"])(?:form|session|webservice|data_source|forms|cards|request|block)[._]\w+")
# A text that is not closed goes to the end.
QUOTED = re.compile(r"\"(?:[^\"\\]|\\(?:.|\Z))*+(?:\"|\Z)|'(?:[^'\\]|\\(?:.|\Z))*+(?:'|\Z)", re.DOTALL)
KEYWORDS = frozenset({"else", "elif", "empty", "plural"})


@dataclass
class Usage:
    """How often each name is used, and where (`file:line`) each that is not evaluated is met first."""

    filters: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    variables: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> dict[str, tuple[int, str]]:
        """Filters, tags and actions that are not played: how often, and where first."""
        library = BUILTINS[0]
        unknown = {name: count for name, count in self.filters.items() if name not in library.filters}
        unknown |= {name: count for name, count in self.filters.items() if name in NOT_PLAYED}
        unknown |= {
            f"{{% {name} %}}": count
            for name, count in self.tags.items()
            if name in NOT_PLAYED or name not in library.tags
        }
        unknown |= {
            f"<{name}>": count for name, count in self.actions.items() if name not in DOING and name not in WAITING
        }
        return {name: (count, self.places.get(name, "")) for name, count in sorted(unknown.items())}


def usage_of(definitions: Iterable[Definition]) -> Usage:
    """Count what definitions use."""
    usage = Usage()
    for definition in definitions:
        for text, place, is_condition in _texts(definition):
            _count(usage, text, place, is_condition)
        if isinstance(definition, Workflow):
            for action in definition.actions():
                usage.actions[action.type] += 1
                usage.places.setdefault(f"<{action.type}>", f"{action.document.path}:{action.line}")
    return usage


def _texts(definition: Definition) -> Iterator[tuple[str, str, bool]]:
    for element in definition.element.iter():
        text = element.text or ""
        parent = element.getparent()
        is_condition = parent is not None and parent.tag == CONDITION and element.tag == "value"
        if is_condition or "{{" in text or "{%" in text:
            yield text, f"{definition.document.path}:{definition.document.line(element)}", is_condition


def _count(usage: Usage, text: str, place: str, is_condition: bool) -> None:
    expressions = [text]
    if not is_condition:
        found = [tag for tag in tags(text) if not tag.startswith("{#")]
        expressions = [tag[2:-2].strip() for tag in found]
        for tag, contents in zip(found, expressions, strict=True):
            word = contents.split(None, 1)[0] if tag.startswith("{%") and contents else ""
            if word and word not in KEYWORDS and not word.startswith("end"):
                usage.tags[word] += 1
                usage.places.setdefault(f"{{% {word} %}}", place)
    for expression in expressions:
        bare = QUOTED.sub("''", expression)
        for name in FILTER.findall(bare):
            usage.filters[name] += 1
            usage.places.setdefault(name, place)
        usage.variables.update(NAME.findall(bare))


def main(paths: list[str]) -> int:
    """Print the counts; 1 when something is left."""
    try:
        usage = usage_of(load_many(paths))
    except NotEvaluated as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    for title, counter in (("filters", usage.filters), ("tags", usage.tags), ("actions", usage.actions)):
        sys.stdout.write(f"{title}: {', '.join(f'{name} {count}' for name, count in counter.most_common())}\n")
    for name, (count, place) in usage.left.items():
        sys.stdout.write(f"not evaluated: {name} ({count}, first at {place})\n")
    return 1 if usage.left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

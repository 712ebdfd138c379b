"""Which tags and filters there are: Django's safe ones, and those of w.c.s."""

from __future__ import annotations

from django.template import Library, defaultfilters, defaulttags

from . import filters
from .bounds import bounded

#: Tags of Django that reach nothing outside of the template.
TAGS = (
    "autoescape", "comment", "cycle", "filter", "firstof", "for", "if", "ifchanged", "now", "regroup", "resetcycle",
    "spaceless", "templatetag", "verbatim", "widthratio", "with",
)  # fmt: skip
#: Filters of Django that are replaced, or that tell about objects.
LEFT_OUT = frozenset({"pprint", "date", "time", "add"})


def _django() -> Library:
    found = Library()
    found.tags = {name: defaulttags.register.tags[name] for name in TAGS}
    found.filters = {name: func for name, func in defaultfilters.register.filters.items() if name not in LEFT_OUT}
    return found


def _within_bounds(library: Library) -> Library:
    library.filters = {name: bounded(name, func) for name, func in library.filters.items()}
    return library


BUILTINS = [_within_bounds(library) for library in (_django(), filters.register)]

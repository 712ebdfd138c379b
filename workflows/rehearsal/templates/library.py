"""Which tags and filters there are: Django's safe ones, and those of w.c.s., each within bounds."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from django.template import Library, defaultfilters, defaulttags

from . import tags
from .budget import LONGEST_VALUE, too_long, weighed
from .filters import elsewhere, lists, moments, numbers, people, words
from .lazy import Lazy, plain

#: Tags of Django that reach nothing outside of the template.
TAGS = (
    "autoescape", "comment", "cycle", "filter", "if", "ifchanged", "regroup", "resetcycle", "spaceless",
    "templatetag", "verbatim", "widthratio", "with",
)  # fmt: skip
#: Filters of Django that tell about objects.
LEFT_OUT = frozenset({"pprint"})
#: Filters whose argument is a width or a number of digits, and the widest there is.
WIDE = frozenset({"center", "ljust", "rjust", "floatformat", "stringformat", "decimal"})
WIDEST = 1000
OURS = (moments.register, numbers.register, words.register, lists.register, people.register, elsewhere.register)


def _bounded(name: str, function: Callable[..., Any], *, ours: bool) -> Callable[..., Any]:
    """The filter, given plain values when it is of w.c.s. and does not ask for more, its result weighed."""
    wants_lazy = getattr(function, "wants_lazy", False)

    @functools.wraps(function)
    def bounded(value: Any, *args: Any, **escaping: Any) -> Any:
        if name in WIDE and any(int(digits) > WIDEST for digits in re.findall(r"\d+", str(args)[:4000])):
            raise too_long()
        if name == "join" and args and hasattr(value, "__len__") and len(value) * len(str(args[0])) > LONGEST_VALUE:
            raise too_long()
        if ours and not wants_lazy:
            value = plain(value)
        if ours:
            args = tuple(plain(one) for one in args)
        result = function(value, *args, **escaping)
        return result if isinstance(result, Lazy) else weighed(result)

    # Django looks at the number of arguments of what was decorated.
    bounded._decorated_function = getattr(function, "_decorated_function", function)  # type: ignore[attr-defined]
    return bounded


def _filters() -> Library:
    found = Library()
    for name, function in defaultfilters.register.filters.items():
        if name not in LEFT_OUT:
            found.filters[name] = _bounded(name, function, ours=False)
    for library in OURS:
        for name, function in library.filters.items():
            found.filters[name] = _bounded(name, function, ours=True)
    found.tags = {name: defaulttags.register.tags[name] for name in TAGS} | tags.register.tags
    return found


BUILTINS = [_filters()]
#: Names of filters and tags of w.c.s. that are known and not played.
NOT_PLAYED = frozenset(elsewhere.FILTERS) | frozenset(tags.ELSEWHERE)

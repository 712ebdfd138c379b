"""Data sources that w.c.s. makes by itself from the agendas it knows (wcs-runtime.md §6.7).

Their slugs are not written in the contract: the usual forms are understood, with dashes or underscores.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SLUG = re.compile(
    r"(?s)agenda[-_](?P<kind>meetings|virtual)[-_](?P<agenda>.+?)[-_](?P<what>meetingtypes|mtdynamic|mt[-_](?P<type>.+))"
)


class Generated(NamedTuple):
    """`url` is a template; `slots` tells that the lock code is sent along."""

    url: str
    slots: bool


def template(slug: str, agendas_url: str) -> Generated | None:
    """The source behind a slug of w.c.s.'s own making, None when it is none."""
    found = SLUG.fullmatch(slug)
    if found is None or not agendas_url:
        return None
    meetings = f"{agendas_url}api/agenda/{found['agenda'].replace('_', '-')}/meetings/"
    if found["what"] == "meetingtypes":
        return Generated(meetings, False)
    chosen = found["type"] or "{{ form_var_meeting_type_raw }}"
    return Generated(f"{meetings}{chosen}/datetimes/", True)

"""Data sources that w.c.s. makes by itself from the agendas it knows (wcs-runtime.md §6.7).

`chrono_ds_agenda_KIND_AGENDA_WHAT`, where every dash is an underscore; slugs of older sites have dashes and no prefix.
"""

from __future__ import annotations

from typing import NamedTuple

from workflows.bookable.analysis import GENERATED_MEETINGS


class Generated(NamedTuple):
    """`url` is a template; `slots` tells that the lock code is sent along."""

    url: str
    slots: bool


def template(slug: str, agendas_url: str) -> Generated | None:
    """The source behind a slug of w.c.s.'s own making, None when it is none."""
    found = GENERATED_MEETINGS.fullmatch(slug)
    if found is None or not agendas_url:
        return None
    meetings = f"{agendas_url}api/agenda/{found['agenda'].replace('_', '-')}/meetings/"
    if found["what"] == "meetingtypes":
        return Generated(meetings, False)
    chosen = found["type"].replace("_", "-") if found["type"] else "{{ form_var_meeting_type_raw }}"
    return Generated(f"{meetings}{chosen}/datetimes/", True)

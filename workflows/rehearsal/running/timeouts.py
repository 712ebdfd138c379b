"""Time passes: jumps with a delay, and global actions that time starts (wcs-xml.md §6.2)."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from workflows.reader import Jump

from ..formdata import Formdata
from ..people import Session
from ..scope import place
from .run import Running

if TYPE_CHECKING:
    from ..site import Site

#: Seconds of the units that delays are written in, in French and English.
UNITS = {
    "s": 1, "sec": 1, "seconde": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "heure": 3600, "hour": 3600,
    "j": 86400, "jour": 86400, "day": 86400, "semaine": 604800, "week": 604800, "mois": 2592000, "month": 2592000,
}  # fmt: skip


def seconds_of(text: str) -> int | None:
    """Seconds of a number, or of a duration such as `2 jours`; None when it is neither."""
    text = text.strip()
    if re.fullmatch(r"\d+", text):
        return int(text)
    parts = re.findall(r"(\d+)\s*([^\W\d]+)", text)
    if not parts or re.sub(r"(\d+)\s*([^\W\d]+)|[\s,]|\b(?:et|and)\b", "", text):
        return None
    total = 0
    for number, unit in parts:
        size = UNITS.get(unit.lower()) or UNITS.get(unit.lower().rstrip("s"))
        if size is None:
            return None
        total += int(number) * size
    return total


def due(site: Site, record: Formdata, action: Jump) -> bool:
    """Whether a jump's delay is over; one that cannot be read is told and never over."""
    if action.mode != "timeout" or record.status_since is None:
        return False
    text = Running(site, record, Session()).scope().text(action.text("timeout"), action)
    seconds = seconds_of(text or "")
    if seconds is None:
        site.trace.notice(
            "workflow", place(action), site.say(f"Unreadable delay {text!r}", f"Délai illisible {text!r}")
        )
        return False
    return site.clock.now() >= record.status_since + datetime.timedelta(seconds=seconds)


def pass_time(site: Site, record: Formdata) -> bool:
    """Do what the job of w.c.s. does for a record: follow the first jump that is due. Whether there was one."""
    if record.draft or record.removed or record.processing:
        return False
    running = Running(site, record, Session())
    status = running.workflow.status(record.status)
    for action in status.actions if status else []:
        if isinstance(action, Jump) and due(site, record, action) and running.scope().holds(action.condition):
            running.enter(action.status)
            return True
    return False

"""Time passes: jumps with a delay, and global actions that time starts (wcs-xml.md §6.2)."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from workflows.reader import Jump, Trigger

from ..formdata import Formdata
from ..people import Session
from ..scope import place
from ..templates import speaking
from ..templates.dates import as_moment
from ..templates.filters.numbers import NoNumber, number
from ..variables import is_endpoint
from .choices import run_global
from .run import Running

if TYPE_CHECKING:
    from ..site import Site

#: Seconds of the units that delays are written in, in French and English.
UNITS = {
    "s": 1, "sec": 1, "seconde": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "heure": 3600, "hour": 3600,
    "j": 86400, "jour": 86400, "day": 86400, "semaine": 604800, "week": 604800, "mois": 2592000, "month": 2592000,
}  # fmt: skip
#: Characters of a delay.
LONGEST = 200
DURATION = re.compile(r"(?<!\d)(\d++)\s*+([^\W\d]++)")


def seconds_of(text: str) -> int | None:
    """Seconds of a number, or of a duration such as `2 jours`; None when it is neither."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if re.fullmatch(r"\d+", text):
        return int(text)
    parts = DURATION.findall(text)
    if not parts or re.sub(r"[\s,]|\b(?:et|and)\b", "", DURATION.sub("", text)):
        return None
    total = 0
    for amount, unit in parts:
        size = UNITS.get(unit.lower()) or UNITS.get(unit.lower().rstrip("s"))
        if size is None:
            return None
        total += int(amount) * size
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
    """Do what the jobs of w.c.s. do for a record: follow the first jump that is due, else run a delayed global action.

    Whether there was one.
    """
    if record.draft or record.removed or record.processing:
        return False
    running = Running(site, record, Session())
    status = running.workflow.status(record.status)
    for action in status.actions if status else []:
        if isinstance(action, Jump) and due(site, record, action) and running.scope().holds(action.condition):
            if action.flag("set_marker_on_status"):
                record.marks.append(record.status)
            if action.text("identifier"):
                record.jumps.append(action.text("identifier"))
            running.enter(action.status)
            return True
    return _global_action(running)


def _global_action(running: Running) -> bool:
    """Run the first delayed global action whose time has come; each trigger fires once in the life of a record."""
    record = running.record
    for action in running.workflow.global_actions:
        for trigger in action.triggers:
            if trigger.type == "timeout" and trigger.id not in record.fired and _is_over(running, trigger):
                record.fired.add(trigger.id)
                running.tell("note", running.site.say("Delayed action", "Action différée"), action.name)
                run_global(running, action)
                return True
    return False


def _is_over(running: Running, trigger: Trigger) -> bool:
    """Whether the days after the trigger's anchor have passed (wcs-xml.md §5.2)."""
    site, record, ends = running.site, running.record, _endpoints(running)
    first, latest = (trigger.text(f"anchor_status_{one}").removeprefix("wf-") for one in ("first", "latest"))
    anchor = trigger.text("anchor")
    about_an_end = (anchor == "1st-arrival" and first in ends) or (anchor == "latest-arrival" and latest in ends)
    if record.status in ends and not about_an_end and anchor != "finalized":
        return False
    arrivals = record.arrivals
    start: Any = None
    if anchor == "creation":
        start = record.receipt
    elif anchor == "1st-arrival":
        start = next((at for at, status in arrivals if status == (first or record.status)), None)
    elif anchor == "latest-arrival":
        start = next((at for at, status in reversed(arrivals) if status == (latest or record.status)), None)
    elif anchor == "finalized" and record.status in ends:
        for at, status in reversed(arrivals):
            if status not in ends:
                break
            start = at
    elif anchor == "template":
        start = running.scope().text(trigger.text("anchor_template"), trigger)
    with speaking(site.language, site.time_zone):
        moment, days = as_moment(start), _days(running, trigger)
        now = as_moment(site.clock.now())
    if moment is None or days is None or now is None:
        return False
    return bool(now > moment + datetime.timedelta(days=days))


def _days(running: Running, trigger: Trigger) -> int | None:
    text = running.scope().text(trigger.text("timeout"), trigger) or ""
    try:
        return int(number(text))
    except NoNumber:
        site = running.site
        message = site.say(f"Unreadable delay {text!r}", f"Délai illisible {text!r}")
        site.trace.notice("workflow", place(trigger), message)
        return None


def _endpoints(running: Running) -> set[str]:
    return {status.id for status in running.workflow.statuses if is_endpoint(status)}

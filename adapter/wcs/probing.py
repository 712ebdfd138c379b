"""One call to a w.c.s. to see that it answers, that it accepts our signature, and what its clock says."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.wcs.client import WcsUnreachable, call
from adapter.wcs.errors import TimedOut, Unreachable, WcsError, error_for
from adapter.wcs.known_services import KnownService

# Seconds.
TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it. ``skew``: seconds by which its clock is ahead; ``error``: why the call was not accepted."""

    skew: float | None
    error: WcsError | None


def probe(service: KnownService) -> Probe:
    """Ask for the list of forms, which needs a signature and nothing else (wcs-runtime §10.3). Raises nothing."""
    try:
        reply = call("GET", f"{service.url}api/formdefs/", timeout=TIMEOUT)
    except WcsUnreachable as failure:
        return Probe(None, (TimedOut if failure.timed_out else Unreachable)(str(failure)))
    content = reply.content
    if isinstance(content, list) and 200 <= reply.status < 300:
        # Older versions answer with the bare list.
        return Probe(reply.skew, None)
    return Probe(reply.skew, error_for(reply))

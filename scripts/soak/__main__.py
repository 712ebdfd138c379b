"""``make soak``: citizens and agents at work while everything breaks in turn; exit code 1 when a claim fails."""

from __future__ import annotations

import argparse
import datetime
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scripts.processes import resident
from scripts.soak.course import Course
from scripts.soak.ledger import Ledger
from scripts.soak.site import PASSWORD, Site
from tests.support.postgres import PostgresMissing
from tests.support.redis import RedisMissing

if TYPE_CHECKING:
    from collections import Counter

    from scripts.soak.claims import Claim
    from scripts.soak.memory import Watch

CITIZENS, AGENTS = 6, 2
# Seconds by which clocks are ahead in the end: all locks have lapsed, and every callback is due again.
AHEAD = 2 * 3600
# Seconds: an open call may last so long after the load ended, and the worker has so long to catch up.
LAST_CALLS, CATCH_UP = 60, 90


def main() -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument(
        "--minutes",
        type=float,
        default=2.0,
        help="how long the load goes on; longer where some fault has not had its turn yet",
    )
    parser.add_argument("--faults", nargs="*", default=[], help="only those whose names have these words in them")
    arguments = parser.parse_args()
    # A request to stop ends everything in order, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Site() as site:
            claims = soak(site, arguments.minutes * 60, arguments.faults)
            held = all(claim.holds for claim in claims)
            site.keep_logs = not held
    except (PostgresMissing, RedisMissing) as missing:
        print(f"*** {missing}: a soak needs it.", file=sys.stderr)
        return 1
    show(claims)
    if not held:
        print(f"\nThe logs are in {site.home}.")
    return 0 if held else 1


def soak(site: Site, seconds: float, only: list[str]) -> list[Claim]:
    """The load with its faults, then everything that must hold."""
    from scripts.soak import memory
    from scripts.soak.faults import FAULTS, inject_in_turn

    faults = tuple(fault for fault in FAULTS if not only or any(word in fault.name for word in only))
    ledger, course = Ledger(), Course(seconds)
    print(f"{CITIZENS} citizens and {AGENTS} agents for {seconds:.0f} s; faults in turn:", flush=True)
    callers = [threading.Thread(target=run, daemon=True) for run in _callers(site, ledger, course)]
    with memory.Watch(site) as watch:
        for caller in callers:
            caller.start()
        try:
            injected = inject_in_turn(site, course, faults)
        finally:
            course.stop()
        until = time.monotonic() + LAST_CALLS
        for caller in callers:
            caller.join(max(0.0, until - time.monotonic()))
    return _claims(site, ledger, watch, injected, {fault.name for fault in faults})


def _callers(site: Site, ledger: Ledger, course: Course) -> list[Callable[[], None]]:
    from scripts.soak.load import Agent, Citizen

    base = site.web.base
    people: list[Any] = [Citizen(number, base, site.wcs, ledger, course) for number in range(1, CITIZENS + 1)]
    people += [Agent(number, base, PASSWORD, site.wcs, ledger, course) for number in range(1, AGENTS + 1)]

    def at_work(person: Any) -> Callable[[], None]:
        def run() -> None:
            try:
                person.run()
            except Exception as error:
                ledger.broke(f"a caller could not go on: {type(error).__name__}: {error}"[:300])
                raise

        return run

    return [at_work(person) for person in people]


def _claims(site: Site, ledger: Ledger, watch: Watch, injected: Counter[str], wanted: set[str]) -> list[Claim]:
    from adapter.clock import real_now
    from scripts.soak import claims, lapsed, memory

    now = real_now()
    found = [
        claims.something_happened(ledger, injected, wanted),
        claims.no_overlap(now=now),
        claims.confirmations_are_there(ledger),
        claims.one_booking_a_record(ledger),
        claims.cancellations_stand(ledger),
        claims.moves_are_whole(ledger),
        claims.promises_kept(ledger),
        claims.in_time(ledger),
        claims.no_internal_error(ledger),
    ]
    present = [size for pid in site.web_processes() if (size := resident(pid))]
    lives = [life for samples in watch.samples.values() if (life := memory.life_of(samples))]
    found.append(claims.memory_is_flat(lives, present))
    site.start_adapter(AHEAD, worker=False)
    found.append(lapsed.lapsed_locks_free(site.web.base, ledger.abandoned))
    site.worker.start()
    later = now + datetime.timedelta(seconds=AHEAD)

    def after_tasks() -> list[Claim]:
        return [
            claims.callbacks_arrived(ledger, site.wcs.ran, site.wcs.url),
            claims.lapsed_locks_marked(now=later),
        ]

    until = time.monotonic() + CATCH_UP
    last = after_tasks()
    while not all(claim.holds for claim in last) and time.monotonic() < until:
        time.sleep(0.5)
        last = after_tasks()
    return [*found, *last]


def show(claims: list[Claim]) -> None:
    """A line a claim; the first failures of what does not hold."""
    print()
    for claim in claims:
        print(f"{'held  ' if claim.holds else 'BROKEN'}  {claim.name}  |  {claim.looked_at}")
        for failure in claim.failures[:10]:
            print(f"          {failure}")
        if len(claim.failures) > 10:
            print(f"          … {len(claim.failures) - 10} more")


if __name__ == "__main__":
    sys.exit(main())

"""What must hold afterwards: each claim says what was looked at, and how it fails."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.timezone import localtime

from adapter.agendas.models import Booking, BookingState, Callback, CallbackState
from adapter.agendas.queries.overlaps import overlaps
from scripts.soak.ledger import WCS_PATIENCE, Ledger
from scripts.soak.memory import GROWTH, LIMIT, Life


@dataclass(frozen=True)
class Claim:
    """``looked_at`` says what it rests on; it holds when there is no failure."""

    name: str
    looked_at: str
    failures: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.failures


def no_overlap(*, now: datetime.datetime) -> Claim:
    """The sentinel's query, over everything."""
    found = [f"booking {item.booking_id} on {item.agenda}/{item.desk} at {item.start}" for item in overlaps(now=now)]
    return Claim("no two live rows on one desk overlap", f"{Booking.objects.live(now).count()} live rows", found)


def confirmations_are_there(ledger: Ledger) -> Claim:
    """Every acknowledged confirmation is the booking it was, until somebody ended it."""
    rows = {row.record: row for row in _rows(ledger)}
    failures = []
    for record, booked in ledger.confirmed.items():
        row = rows.get(record)
        if row is None or row.pk != booked.id:
            failures.append(f"booking {booked.id}: {'not there' if row is None else f'is {row.pk} now'}")
            continue
        start = localtime(row.start).strftime("%Y-%m-%d %H:%M:%S")
        if (row.agenda.slug, start) != (booked.agenda, booked.start):
            failures.append(f"booking {booked.id}: {row.agenda.slug} {start}, told {booked.agenda} {booked.start}")
        if row.state != BookingState.BOOKED and booked.id not in ledger.ending:
            failures.append(f"booking {booked.id}: {row.state} ({row.ended_because}), though nobody ended it")
    return Claim("every acknowledged confirmation is there", f"{len(ledger.confirmed)} confirmations", failures)


def one_booking_a_record(ledger: Ledger) -> Claim:
    """However often a confirmation was repeated; and nothing is booked that nobody asked for."""
    count = Counter(row.record for row in _rows(ledger))
    failures = [f"{record}: {number} bookings" for record, number in count.items() if number > 1]
    return Claim("repeats made one booking a record", f"{len(ledger.attempted)} records", failures)


def cancellations_stand(ledger: Ledger) -> Claim:
    """What was acknowledged as cancelled or moved stands no more."""
    states = dict(Booking.objects.filter(pk__in=ledger.ended).values_list("pk", "state"))
    failures = [
        f"booking {number}: {states.get(number, 'not there')}"
        for number in sorted(ledger.ended)
        if states.get(number) != BookingState.CANCELLED
    ]
    return Claim("every acknowledged cancellation and move stands", f"{len(ledger.ended)} bookings", failures)


def moves_are_whole(ledger: Ledger) -> Claim:
    """The new booking and the end of the old one: both or none, also where no answer came."""
    made = {row.record for row in _rows(ledger)}
    old = dict(Booking.objects.filter(pk__in=[number for number, _ in ledger.moves]).values_list("pk", "ended_because"))
    failures = [
        f"booking {number}: ended by '{old.get(number, '')}', the new one {'is' if record in made else 'is not'} there"
        for number, record in ledger.moves
        if (old.get(number) == "moved") != (record in made)
    ]
    return Claim("moves are whole or not at all", f"{len(ledger.moves)} moves sent", failures)


def callbacks_arrived(ledger: Ledger, ran: Mapping[str, int], wcs_url: str) -> Claim:
    """The hook of each booking that an agent cancelled has run at least once, and the outbox knows."""
    owed: dict[int, list[Callback]] = defaultdict(list)
    for callback in Callback.objects.filter(url__startswith=wcs_url).order_by("pk"):
        owed[callback.booking_id].append(callback)
    # Cancellations whose answer was lost are among the rows, not in the ledger.
    cancelled = set(ledger.cancelled_by_agents) | set(
        Booking.objects.filter(pk__in=ledger.ending, ended_because="cancelled by an agent").values_list("pk", flat=True)
    )
    failures = [f"booking {number}: no call is owed" for number in sorted(cancelled - owed.keys())]
    for callback in (item for items in owed.values() for item in items):
        if callback.state != CallbackState.DELIVERED:
            failures.append(f"booking {callback.booking_id}: {callback.state} ({callback.last_error})")
        elif not ran.get("/" + callback.url.removeprefix(wcs_url)):
            failures.append(f"booking {callback.booking_id}: said to be delivered, but w.c.s. knows nothing of it")
    again = sum(number - 1 for number in ran.values() if number > 1)
    return Claim("every callback arrived", f"{len(cancelled)} cancellations by agents; {again} calls again", failures)


def promises_kept(ledger: Ledger) -> Claim:
    """What callers could see: holds confirmed before their end, own slots offered, repeats answered alike."""
    return Claim("every hold was kept until its end", f"{ledger.holds} holds", list(ledger.broken))


def in_time(ledger: Ledger) -> Claim:
    """w.c.s. has given up nowhere."""
    seconds, what = ledger.slowest
    looked_at = f"{sum(ledger.answers.values())} calls, the longest {seconds:.1f} s ({what[:60]})"
    return Claim(f"no call took over {WCS_PATIENCE:.0f} s", looked_at, list(ledger.too_slow))


def no_internal_error(ledger: Ledger) -> Claim:
    """What is away is said to be away (503); nothing else is an error."""
    counted = ", ".join(f"{number} × {name}" for name, number in sorted(ledger.answers.items()))
    return Claim("no call met an internal error", counted, list(ledger.internal))


def lapsed_locks_marked(*, now: datetime.datetime) -> Claim:
    """The tasks have caught up."""
    left = Booking.objects.lapsed_locks(now).values_list("pk", flat=True)
    marked = Booking.objects.filter(state=BookingState.EXPIRED).count()
    return Claim("every lapsed lock is marked", f"{marked} marked", [f"lock {number}" for number in left])


def memory_is_flat(lives: list[Life], present: list[float]) -> Claim:
    """Below the limit, and no larger in the end than when caches were full. ``present``: MiB after the soak."""
    failures = [f"a web process had {life.most:.0f} MiB" for life in lives if life.most > LIMIT]
    failures += [f"a web process has {size:.0f} MiB" for size in present if size > LIMIT]
    failures += [
        f"a web process grew from {life.warm:.0f} to {life.end:.0f} MiB in {life.seconds:.0f} s"
        for life in lives
        if life.growth > GROWTH
    ]
    if not lives:
        failures.append("no web process lived long enough to tell")
    sizes = ", ".join(f"{size:.0f}" for size in present)
    grown = max((life.growth for life in lives), default=0.0)
    looked_at = f"{sizes} MiB after the soak; {grown:+.1f} MiB at the most since warm"
    return Claim(f"memory of a web process is flat and ≤ {LIMIT:.0f} MiB", looked_at, failures)


def something_happened(ledger: Ledger, faults: Mapping[str, int], wanted: set[str]) -> Claim:
    """Silence proves nothing: callers worked, and each fault was injected."""
    failures = [f"never injected: {name}" for name in sorted(wanted) if not faults.get(name)]
    done = {
        "confirmation": len(ledger.confirmed),
        "cancellation by an agent": len(ledger.cancelled_by_agents),
        "abandoned hold": len(ledger.abandoned),
        "move": len(ledger.moves),
    }
    failures += [f"not one {name}" for name, number in done.items() if not number]
    return Claim("callers worked and faults struck", f"{sum(faults.values())} faults of {len(faults)} kinds", failures)


def _rows(ledger: Ledger) -> list[Booking]:
    """Bookings that were made, cancelled ones too, of the records of this soak."""
    rows = Booking.objects.exclude(record="").filter(confirmed_at__isnull=False).select_related("agenda")
    return [row for row in rows if row.record in ledger.attempted]

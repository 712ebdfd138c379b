"""The demo: agendas, logins, and some weeks of appointments around today, all made through the services."""

from __future__ import annotations

import datetime
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import salted_hmac

from adapter.agendas.errors import AgendaError
from adapter.agendas.models import Agenda, AuditEvent, Booking, Callback, Closure
from adapter.agendas.services.actor import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.bookings import cancel
from adapter.agendas.services.confirming import BookingDetails, BookingRequest, confirm
from adapter.agendas.services.exceptions import create_closure
from adapter.agendas.services.guard import exclusive
from adapter.agendas.services.holding import HoldRequest, hold
from adapter.agendas.services.presence import record_presence
from adapter.agendas.services.transfer import import_agendas

ACTOR = Actor.command("demo_data")
LOADED = "demo.loaded"
ORIG = "demarches.demo"
DAYS_BEFORE, DAYS_AFTER = 7, 21
DAY = datetime.timedelta(days=1)
# Appointments are made this long before they take place; one day at least is asked for by the agendas.
DAYS_AHEAD = range(2, 15)
CLOSURE_LABEL = "Formation des agents"
VIEWERS, BOOKERS = "Agendas : consultation", "Agendas : réservation"
LOGINS = {
    "agent": ("Agnès", "Guichet", (VIEWERS, BOOKERS)),
    "lecteur": ("Lucien", "Lecteur", (VIEWERS,)),
    "admin": ("Adèle", "Admin", ()),
}
FIRST_NAMES = ("Camille", "Inès", "Louis", "Nora", "Paul", "Rose", "Sacha", "Théo", "Yasmine", "Zoé")
LAST_NAMES = ("Bernard", "Da Silva", "Diallo", "Leroy", "Martin", "Moreau", "Nguyen", "Petit", "Robert", "Simon")
# Meeting type, and the times at which it is asked for: what is full is asked for elsewhere by real people too.
TYPES = (("passeport", 6), ("passeport-famille", 2), ("mariage", 1))
STARTS = (
    "0900",
    "0920",
    "0940",
    "1000",
    "1020",
    "1040",
    "1100",
    "1330",
    "1350",
    "1410",
    "1430",
    "1510",
    "1550",
    "1600",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did; ``already`` when there was nothing to do but keep the locks alive."""

    already: bool
    agendas: int = 0
    bookings: int = 0
    locks: int = 0


def load_demo(fixture: Path, *, password: str, now: datetime.datetime) -> Loaded:
    """Load the demo, or what is missing of it. The second load of a day only holds the demo's slots again.

    Appointments of the last and next weeks are there after it, whatever day it is called; what people changed in the
    agendas' settings is set back to ``fixture`` when the file or the password changed, and else left alone.
    """
    text = fixture.read_text(encoding="utf-8")
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    marks = {
        "fixture": hashlib.sha256(text.encode()).hexdigest(),
        # Tells whether the password is still this one, which costs a second to ask of its hash.
        "password": salted_hmac("demo-password", password).hexdigest(),
    }
    last = AuditEvent.objects.filter(code=LOADED).first()
    same = last is not None and {name: last.data.get(name) for name in marks} == marks
    same = same and Agenda.objects.filter(slug="mairie").exists()
    if last is not None and same and last.data.get("day") == today.isoformat():
        return Loaded(already=True, locks=_locks(today, now))
    changes = 0
    if not same:
        _logins(password)
        changes = sum(change.kind == "agenda" for change in import_agendas(json.loads(text), now=now, actor=ACTOR))
    _closure(today, now)
    bookings = _appointments(today, now)
    locks = _locks(today, now)
    with exclusive():
        record(ACTOR, now, [Entry(LOADED, None, None, {**marks, "day": today.isoformat()})])
    return Loaded(already=False, agendas=changes, bookings=bookings, locks=locks)


def remove_demo(fixture: Path) -> None:
    """Remove the agendas of the fixture with all their bookings, and the logins. Other agendas are left alone."""
    slugs = [agenda["slug"] for agenda in json.loads(fixture.read_text(encoding="utf-8"))["agendas"]]
    with transaction.atomic():
        rows = Booking.objects.filter(agenda__slug__in=slugs)
        Callback.objects.filter(booking__in=rows).delete()
        rows.delete()
        Booking.objects.filter(asked_agenda__slug__in=slugs).delete()
        Agenda.objects.filter(slug__in=slugs).delete()
        get_user_model().objects.filter(username__in=LOGINS).delete()
        AuditEvent.objects.filter(code=LOADED).delete()


def _logins(password: str) -> None:
    # One hash for the three: they have the same password, and a hash is made to be slow.
    hashed = make_password(password)
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in (VIEWERS, BOOKERS)}
    for username, (first_name, last_name, roles) in LOGINS.items():
        values = {
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{username}@{ORIG}",
            "password": hashed,
            "is_active": True,
            "is_superuser": username == "admin",
            "is_staff": username == "admin",
        }
        user, _created = get_user_model().objects.update_or_create(username=username, defaults=values)
        user.groups.set(groups[name] for name in roles)


def _appointments(today: datetime.date, now: datetime.datetime) -> int:
    """Fill the days around today that have no appointment yet."""
    zone = ZoneInfo(settings.TIME_ZONE)
    days = [today + DAY * number for number in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
    first = datetime.datetime.combine(days[0], datetime.time.min, zone)
    taken = {
        (slug, start.astimezone(zone).date())
        for slug, start in Booking.objects.filter(start__gte=first, agenda__slug__in=["mairie", "annexe"]).values_list(
            "agenda__slug", "start"
        )
    }
    asked = [wish for day in days for wish in _wishes(day, taken)]
    made = 0
    # In the order in which they were made, as numbers of bookings show.
    for at, request in sorted(asked, key=lambda wish: wish[0]):
        moment = min(at, now)
        try:
            booking = confirm(request, now=moment, actor=Actor.service(ORIG)).booking
        except AgendaError:
            continue  # closed, or full
        made += 1
        _afterwards(booking, moment, now)
    return made


def _wishes(
    day: datetime.date, taken: set[tuple[str, datetime.date]]
) -> Iterator[tuple[datetime.datetime, BookingRequest]]:
    """What people ask for on a day: always the same for the same day."""
    chance = random.Random(f"demo {day}")
    if day.weekday() > 4:
        return
    places = [("mairie", 10)] + ([("annexe", 4)] if day.weekday() in (1, 3) else [])
    for slug, count in places:
        if (slug, day) in taken:
            continue
        starts = chance.sample(STARTS if slug == "mairie" else STARTS[:7], count if slug == "mairie" else 4)
        for start in starts:
            meeting_type = chance.choices([name for name, _ in TYPES], [weight for _, weight in TYPES])[0]
            at = datetime.datetime.combine(
                day - DAY * chance.choice(DAYS_AHEAD),
                datetime.time(chance.randrange(6, 20), chance.randrange(60)),
                datetime.UTC,
            )
            first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
            details = BookingDetails(
                label=f"{first} {last}",
                user_display_label=f"{first} {last}",
                user_first_name=first,
                user_last_name=last,
                user_name=f"{first} {last}",
                user_email=f"{first}.{last}@example.net".lower().replace(" ", "-").encode("ascii", "ignore").decode(),
            )
            yield at, BookingRequest(slug, (f"{meeting_type}:{day:%Y-%m-%d}-{start}",), details=details)


def _afterwards(booking: Booking, made: datetime.datetime, now: datetime.datetime) -> None:
    """Some cancel, most come."""
    chance = random.Random(f"demo {booking.start} {booking.desk_id}").random()
    if chance < 0.08:
        cancel(booking.pk, now=made, actor=Actor.service(ORIG))
    elif booking.end <= now:
        present = chance < 0.9
        changes = {"user_was_present": present, **({} if present else {"user_absence_reason": "Sans nouvelles"})}
        record_presence(booking.pk, changes, {}, now=booking.end, actor=Actor.agent("agent"))


def _closure(today: datetime.date, now: datetime.datetime) -> None:
    """One desk is closed an afternoon of next week."""
    if Closure.objects.filter(agenda__slug="mairie", label=CLOSURE_LABEL, end__gt=now).exists():
        return
    agenda = Agenda.objects.get(slug="mairie")
    zone = ZoneInfo(settings.TIME_ZONE)
    thursday = today + DAY * (10 - today.weekday())
    create_closure(
        agenda,
        agenda.desks.filter(slug="guichet-2"),
        start=datetime.datetime.combine(thursday, datetime.time(13, 30), zone),
        end=datetime.datetime.combine(thursday, datetime.time(17), zone),
        label=CLOSURE_LABEL,
        now=now,
        actor=ACTOR,
    )


def _locks(today: datetime.date, now: datetime.datetime) -> int:
    """Hold three slots, as citizens and an agent who are filling the form do. Held ones are held on."""
    held = 0
    citizen, agent = Actor.service(ORIG), Actor.agent("agent")
    for number, (actor, start) in enumerate(((citizen, "1140"), (citizen, "1350"), (agent, "1430")), 1):
        for ahead in range(2, 9):
            day = today + DAY * ahead
            request = HoldRequest(
                agenda="mairie",
                slots=(f"passeport:{day:%Y-%m-%d}-{start}",),
                lock_code=f"demo-{number}",
                duration=settings.LOCK_DURATION_MAX,
                holder=actor.name,
                form_slug="rendez-vous",
            )
            try:
                hold(request, now=now, actor=actor)
            except AgendaError:
                continue  # closed on that day, or taken
            held += 1
            break
    return held

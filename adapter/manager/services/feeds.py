"""Secret addresses of calendars: made, read and revoked."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from enum import Enum

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q

from adapter.agendas.models import Agenda
from adapter.agendas.services import Actor
from adapter.agendas.services.audit import Entry, record
from adapter.agendas.services.guard import exclusive
from adapter.manager.access import Access
from adapter.manager.models import CalendarFeed

SECRET_BYTES = 32


class FeedState(Enum):
    """Whether a feed answers, and if not why."""

    WORKS = "works"
    LAPSED = "lapsed"
    NO_RIGHT = "no right"


# The hour of the last reading is enough, and saves a write at each.
READ_NOTED_EVERY = datetime.timedelta(hours=1)


def make_feed(user: User, agenda: Agenda, *, now: datetime.datetime, actor: Actor) -> str:
    """A new secret for the feed of ``agenda``; the one before, if any, stops working. It is told only here."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with exclusive():
        CalendarFeed.objects.update_or_create(
            user=user, agenda=agenda, defaults={"digest": _digest(secret), "created_at": now, "last_read_at": None}
        )
        record(actor, now, [Entry("feed.created", agenda.pk)])
    return secret


def revoke_feed(user: User, agenda: Agenda, *, now: datetime.datetime, actor: Actor) -> bool:
    """Stop the feed of that agent; ``False`` when there was none."""
    with exclusive():
        deleted, _ = CalendarFeed.objects.filter(user=user, agenda=agenda).delete()
        if deleted:
            record(actor, now, [Entry("feed.revoked", agenda.pk)])
    return bool(deleted)


def read_feed(secret: str, *, now: datetime.datetime) -> CalendarFeed | None:
    """The feed of that secret, as long as it works."""
    feed = CalendarFeed.objects.select_related("user", "agenda").filter(digest=_digest(secret)).first()
    if feed is None or state_of(feed, now=now) is not FeedState.WORKS:
        return None
    old = Q(last_read_at=None) | Q(last_read_at__lte=now - READ_NOTED_EVERY)
    CalendarFeed.objects.filter(old, pk=feed.pk).update(last_read_at=now)
    return feed


def state_of(feed: CalendarFeed, *, now: datetime.datetime) -> FeedState:
    """Roles and accounts are learnt at log-in: who has not logged in for long may have left."""
    if not feed.user.is_active or not Access.of(feed.user).views(feed.agenda):
        return FeedState.NO_RIGHT
    since = now - datetime.timedelta(days=settings.FEED_DAYS_WITHOUT_LOGIN)
    if feed.user.last_login is None or feed.user.last_login < since:
        return FeedState.LAPSED
    return FeedState.WORKS


def revoke_any_feed(number: int, *, now: datetime.datetime, actor: Actor) -> bool:
    """Stop the feed of that number, whoever made it; ``False`` when it is gone already."""
    feed = CalendarFeed.objects.select_related("user", "agenda").filter(pk=number).first()
    return feed is not None and revoke_feed(feed.user, feed.agenda, now=now, actor=actor)


def _digest(secret: str) -> str:
    # The secret has 256 random bits: a plain digest cannot be guessed back.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()

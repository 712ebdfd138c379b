"""A pretix shop with one product of which there is enough; prints its number and a token for the REST API.

Run by the Python of its own environment, with ``DJANGO_SETTINGS_MODULE=pretix_settings`` and pretix's own variables.
"""

from __future__ import annotations

import datetime

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scopes_disabled  # noqa: E402
from pretix.base.models import Event, Item, Organizer, Quota, Team  # noqa: E402

ENOUGH = 10**7

with scopes_disabled():
    call_command("migrate", run_syncdb=True, verbosity=0)
    organizer = Organizer.objects.create(name="Mairie", slug="mairie")
    begins = timezone.now() + datetime.timedelta(days=200)
    event = Event.objects.create(
        organizer=organizer, name="Guichets", slug="guichets", date_from=begins, currency="EUR", live=True
    )
    product = Item.objects.create(event=event, name="Passeport", default_price=0)
    Quota.objects.create(event=event, name="Places", size=ENOUGH).items.add(product)
    team = Team.objects.create(
        organizer=organizer,
        name="API",
        all_events=True,
        all_event_permissions=True,
        all_organizer_permissions=True,
    )
    token = team.tokens.create(name="bench").token
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
print(product.pk, token)

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
from pretix.base.models import (  # noqa: E402
    CartPosition,
    Event,
    Item,
    Order,
    OrderPosition,
    Organizer,
    Quota,
    Team,
)

ENOUGH = 10**7
SOLD, IN_CARTS = 10_000, 1_000
DAY = datetime.timedelta(days=1)


def fill(event: Event, product: Item) -> None:
    """Sell places and put some into carts: what is taken is counted at each hold."""
    now = timezone.now()
    orders = Order.objects.bulk_create(
        Order(
            event=event,
            organizer=event.organizer,
            sales_channel=event.organizer.sales_channels.get(identifier="web"),
            code=f"N{number}",
            secret=f"order-{number}",
            status=Order.STATUS_PAID,
            datetime=now,
            expires=now + DAY,
            total=0,
        )
        for number in range(SOLD)
    )
    OrderPosition.objects.bulk_create(
        OrderPosition(
            order=order,
            organizer=event.organizer,
            item=product,
            positionid=1,
            price=0,
            tax_rate=0,
            tax_value=0,
            secret=f"place-{order.code}",
            pseudonymization_id=f"place-{order.code}",
        )
        for order in orders
    )
    CartPosition.objects.bulk_create(
        CartPosition(event=event, item=product, cart_id=f"before-{number}", price=0, datetime=now, expires=now + DAY)
        for number in range(IN_CARTS)
    )


with scopes_disabled():
    call_command("migrate", run_syncdb=True, verbosity=0)
    organizer = Organizer.objects.create(name="Mairie", slug="mairie")
    begins = timezone.now() + datetime.timedelta(days=200)
    event = Event.objects.create(
        organizer=organizer, name="Guichets", slug="guichets", date_from=begins, currency="EUR", live=True
    )
    product = Item.objects.create(event=event, name="Passeport", default_price=0)
    Quota.objects.create(event=event, name="Places", size=ENOUGH).items.add(product)
    fill(event, product)
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

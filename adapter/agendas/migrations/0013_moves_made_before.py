# Bookings that were moved before they knew it learn what took their place: until now only the audit log tells it.

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def remember_moves(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A statement for each, so that nobody waits; it may be broken off and run again."""
    alias = schema_editor.connection.alias
    events = apps.get_model("agendas", "AuditEvent").objects.using(alias)
    bookings = apps.get_model("agendas", "Booking").objects.using(alias)
    moves = events.filter(code="booking.moved").order_by("id").values_list("booking_id", "data")
    for number, data in moves.iterator():
        if isinstance(data.get("to"), int):
            bookings.filter(pk=number, state="cancelled", moved_to=None).update(moved_to=data["to"])


class Migration(migrations.Migration):
    # Reading the whole audit log takes a while, and no table may be locked meanwhile: agents go on booking.
    atomic = False

    dependencies = [("agendas", "0012_calendars_by_turn")]

    operations = [migrations.RunPython(remember_moves, migrations.RunPython.noop, elidable=True)]

# Lists go on while the new indexes are built; what they replace goes in the next migration, in a moment.

from django.db import migrations, models

STANDS = models.Q(("state__in", ["held", "booked"]))


class Migration(migrations.Migration):
    dependencies = [("agendas", "0005_audit_without_constraint")]

    operations = [
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=STANDS,
                fields=["agenda", "end", "start"],
                include=("desk", "state", "expires_at"),
                name="booking_in_window",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=STANDS, fields=["desk", "end"], include=("start", "state"), name="booking_on_desk"
            ),
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agendas", "0006_covering_indexes")]

    operations = [
        migrations.RemoveIndex(model_name="booking", name="booking_standing"),
        migrations.RemoveIndex(model_name="booking", name="booking_by_desk"),
    ]

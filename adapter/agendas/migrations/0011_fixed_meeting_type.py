from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agendas", "0010_refusals")]

    operations = [
        migrations.AddField(
            model_name="agenda",
            name="fixed_meeting_type",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=250, verbose_name="Only meeting type of the form"
            ),
        ),
    ]

# A booking knows what took its place; cancellations are remembered for calls that come late.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agendas', '0007_indexes_that_are_replaced'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordCancellation',
            fields=[
                ('record', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField()),
                ('noted_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='booking',
            name='asked_at',
            field=models.DateTimeField(help_text='When w.c.s. sent the call that made it, by its own clock.', null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='moved_to',
            field=models.BigIntegerField(help_text='Number of the booking that took its place.', null=True),
        ),
    ]

# Refused holds and confirmations leave a trace.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agendas', '0009_lock_token'),
    ]

    operations = [
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('meeting_type', models.CharField(max_length=250)),
                ('start', models.DateTimeField()),
                ('action', models.CharField(choices=[('hold', 'Lock'), ('confirm', 'Appointment')], max_length=10)),
                ('form_slug', models.CharField(blank=True, max_length=250)),
                ('reason', models.CharField(max_length=40)),
                ('desks', models.JSONField(default=list)),
                ('agenda', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='agendas.agenda')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['agenda', 'start'], name='refusal_by_start'), models.Index(fields=['at'], name='refusal_by_age')],
            },
        ),
    ]

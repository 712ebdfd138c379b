# Two forms of one lock code tell themselves apart.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agendas', '0008_moves'),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='lock_token',
            field=models.CharField(blank=True, db_default='', default='', help_text='Of the form that is filled in.', max_length=64),
        ),
    ]

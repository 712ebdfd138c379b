import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def take_tables(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Both tables are locked for a moment, in the order in which calls use them: none can wait for this in a circle."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("LOCK TABLE agendas_agenda, agendas_auditevent IN ACCESS EXCLUSIVE MODE")


class Migration(migrations.Migration):
    dependencies = [("agendas", "0004_desk_versions_by_chance")]

    operations = [
        migrations.RunPython(take_tables, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="auditevent",
            name="agenda",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="agendas.agenda",
            ),
        ),
    ]

"""Migrations run while the version before them serves."""

from __future__ import annotations

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.support.migrations import dangers

pytestmark = pytest.mark.both_databases

OURS = ("agendas", "wcs", "accounts", "manager", "tasks")


def all_dangers() -> list[str]:
    loader = MigrationLoader(None)
    state = ProjectState()
    found = []
    for node in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        migration = loader.graph.nodes[node]
        # The first one makes its tables: nobody serves yet.
        if node[0] in OURS and not node[1].startswith("0001_"):
            found += dangers(migration, state)
        else:
            migration.mutate_state(state, preserve=False)
    return found


def test_no_migration_breaks_the_version_that_serves() -> None:
    assert not all_dangers()


def test_exceptions_say_why() -> None:
    for migration in MigrationLoader(None).disk_migrations.values():
        for operation, why in getattr(migration, "safe_because", {}).items():
            assert len(why) > 20, operation


def before() -> ProjectState:
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("colour", models.CharField(max_length=20, null=True))]
    migrations.CreateModel("Desk", fields).state_forwards("shop", state)
    return state


def found_in(*operations: migrations.operations.base.Operation, **attributes: object) -> list[str]:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})
    return list(dangers(made("0002_x", "shop"), before()))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("desk", "colour"),
        migrations.RenameField("desk", "colour", "color"),
        migrations.RenameModel("Desk", "Counter"),
        migrations.DeleteModel("Desk"),
        migrations.AlterModelTable("Desk", "counter"),
        migrations.AddField("desk", "size", models.IntegerField(default=3)),
        migrations.AddField("desk", "size", models.IntegerField(null=True, unique=True)),
        migrations.AlterField("desk", "colour", models.CharField(max_length=10, null=True)),
        migrations.AlterField("desk", "colour", models.CharField(max_length=20)),
        migrations.AlterField("desk", "colour", models.TextField(null=True)),
        migrations.AlterField("desk", "colour", models.CharField(max_length=20, null=True, unique=True)),
    ],
    ids=lambda operation: f"{type(operation).__name__}",
)
def test_what_breaks_it_is_found(operation) -> None:
    assert len(found_in(operation)) >= 1


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("desk", "size", models.IntegerField(null=True)),
        migrations.AddField("desk", "size", models.IntegerField(default=3, db_default=3)),
        migrations.AlterField("desk", "colour", models.CharField(max_length=40, null=True, help_text="x")),
        migrations.CreateModel("Room", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField())]),
        migrations.AddIndex("desk", models.Index(fields=["colour"], name="by_colour")),
    ],
    ids=lambda operation: f"{type(operation).__name__}",
)
def test_what_does_not_is_not(operation) -> None:
    assert not found_in(operation)


def test_a_table_that_is_new_has_no_version_to_break() -> None:
    room = migrations.CreateModel("Room", [("id", models.BigAutoField(primary_key=True))])
    assert not found_in(room, migrations.AddField("room", "size", models.IntegerField(default=1)))


def test_a_second_release_may_answer_for_what_it_takes_away() -> None:
    why = {"RemoveField desk.colour": "No version since 0.2 reads or writes it."}
    assert not found_in(migrations.RemoveField("desk", "colour"), safe_because=why)

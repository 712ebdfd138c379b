"""From SQLite to PostgreSQL, on real databases: everything arrives, or nothing does."""

from __future__ import annotations

import datetime
import io
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client

from adapter.agendas.models import AuditEvent, Booking, BookingState, Callback, Reminder
from adapter.agendas.services import Actor, BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold
from adapter.agendas.services.figures import figures
from adapter.clock import now
from adapter.manager.models import AgentProfile
from adapter.ops.moving import MoveRefused, move_database, moved_models
from adapter.settings.database import database_from_url
from adapter.wcs.models import Caller
from tasks.models import TaskRun
from tests.agendas.builders import ALICE, make_agenda, make_virtual
from tests.support.databases import use_database
from tests.support.postgres import programs

pytestmark = pytest.mark.servers
DETAILS = BookingDetails(
    label="Été «ø» 日本",
    user_name="Zoé",
    backoffice_url="https://d.test/1/",
    cancel_callback_url="https://d.test/1/hooks/annulation/",
    extra_data={"a": [1, None, 1.5, 1e22, {"é": ""}], "0": False},
)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """A SQLite database with tables and no rows, made once."""
    file = tmp_path_factory.mktemp("migrated") / "adapter.sqlite3"
    with django_db_blocker.unblock(), _talking_to(f"sqlite:///{file}"):
        call_command("migrate", verbosity=0)
    return file


@pytest.fixture
def source(migrated: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """A SQLite database of this test that this process talks to."""
    file = Path(shutil.copy(migrated, tmp_path / "adapter.sqlite3"))
    with django_db_blocker.unblock(), _talking_to(f"sqlite:///{file}"):
        yield file


@pytest.fixture(scope="module")
def server() -> str:
    """The address of the PostgreSQL server."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.skip("no PostgreSQL server")
    return url


@pytest.fixture
def target(server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with _database(server) as url:
        yield url


@pytest.fixture(scope="module")
def migrated_target(server: str, django_db_blocker: Any) -> Iterator[str]:
    """The name of a PostgreSQL database with tables and no rows, made once."""
    with _database(server, name="move_migrated") as url:
        with django_db_blocker.unblock(), _talking_to(url):
            call_command("migrate", verbosity=0)
        yield url.rpartition("/")[2]


@pytest.fixture
def ready_target(server: str, migrated_target: str) -> Iterator[str]:
    """As an administrator has it who ran ``migrate`` there already."""
    with _database(server, template=migrated_target) as url:
        yield url


@contextmanager
def _database(server: str, name: str = "move", template: str = "template1") -> Iterator[str]:
    name = f"{name}_{os.getpid()}"
    _psql(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.rpartition("/")[0] + f"/{name}"
    connections["default"].close()
    _psql(server, f"DROP DATABASE {name} WITH (FORCE)")


def _talk_to(url: str) -> None:
    connections["default"].close()
    config = database_from_url(url, pool_size=0, statement_timeout=20, behind_pgbouncer=False)
    use_database({**connections.settings["default"], **config})


@contextmanager
def _talking_to(url: str) -> Iterator[None]:
    """This process talks to the database at ``url``; what it talked to before is kept open."""
    settings, before = connections.settings["default"], connections["default"]
    config = database_from_url(url, pool_size=0, statement_timeout=20, behind_pgbouncer=False)
    use_database({**settings, **config})
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = settings, before


def _psql(address: str, statement: str) -> str:
    command = [programs() / "psql", "--quiet", "-At", "--command", statement, address]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _rows() -> dict[str, list[dict[str, Any]]]:
    """All rows that this process can see, in the order of their keys as Python has it."""
    return {
        model._meta.db_table: sorted(model._base_manager.values(), key=lambda row: str(row[model._meta.pk.attname]))
        for model in moved_models()
    }


def _slot(time: str) -> tuple[str]:
    return (f"passeport:{now().date() + datetime.timedelta(days=8)}-{time}",)


def _fill() -> None:
    """A live lock, a booking, a cancelled one whose call is owed, people who may book, a session."""
    mairie = make_agenda(weekdays=range(7), view_role=Group.objects.create(name="Accueil"))
    make_virtual("toutes", mairie)
    hold(HoldRequest("mairie", _slot("0900"), "K"), now=now(), actor=ALICE)
    booked = confirm(BookingRequest("toutes", _slot("0920"), details=DETAILS), now=now(), actor=ALICE).booking
    Reminder.objects.create(booking=booked, next_attempt_at=now())
    other = confirm(BookingRequest("mairie", _slot("0940"), details=DETAILS), now=now(), actor=ALICE).booking
    cancel(other.pk, now=now(), actor=Actor.agent("agent"), call_back=True)
    TaskRun.objects.bulk_create(TaskRun(name=name, last_run_at=now()) for name in ("expire", "Zones", "a-z", "_b"))
    Caller.objects.create(orig="demarches.demo", accepted_at=now())
    agent = User.objects.create_user("agent", password="secret")
    agent.groups.add(Group.objects.get())
    agent.user_permissions.add(Permission.objects.get(codename="view_booking"))
    AgentProfile.objects.create(user=agent)


def _move(url: str, *options: str) -> str:
    output = io.StringIO()
    call_command("move_database", "--to", url, *options, stdout=output)
    return output.getvalue()


def test_everything_arrives_and_work_goes_on(source, target) -> None:
    _fill()
    # The highest number is free again, and w.c.s. may still know it.
    number = confirm(BookingRequest("mairie", _slot("1000")), now=now(), actor=ALICE).booking.pk
    Booking.objects.filter(pk=number).delete()
    browser = Client()
    assert browser.login(username="agent", password="secret")
    before = _rows()
    assert set(before) == set(connection.introspection.table_names()) - {"django_migrations"}
    said = _move(target)
    for model in (Booking, AuditEvent, Callback, Group, Session):
        count = len(before[model._meta.db_table])
        assert count and f"{model._meta.db_table} {count}" in " ".join(said.split())
    # The source is as it was.
    assert _rows() == before

    _talk_to(target)
    assert connection.vendor == "postgresql"
    assert _rows() == before
    call_command("migrate", "--check", verbosity=0)
    assert figures(now=now()).live_locks == 1
    assert browser.get("/manage/").status_code == 200
    held = Booking.objects.get(state=BookingState.HELD)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(state=BookingState.BOOKED).update(desk=held.desk, start=held.start, end=held.end)
    assert confirm(BookingRequest("mairie", _slot("0900"), "K"), now=now(), actor=ALICE).booking.pk == held.pk
    assert confirm(BookingRequest("mairie", _slot("1000")), now=now(), actor=ALICE).booking.pk > number
    # Every other table takes a new row, too.
    assert Group.objects.create(name="Guichet").pk > Group.objects.get(name="Accueil").pk
    assert Permission.objects.create(codename="new", name="new", content_type_id=1).pk


def test_what_postgresql_refuses_is_named_and_nothing_is_moved(source, ready_target) -> None:
    _fill()
    # SQLite takes any length.
    broken = Booking.objects.get(state=BookingState.BOOKED)
    Booking.objects.filter(pk=broken.pk).update(user_name="x" * 251)
    with pytest.raises(CommandError, match=rf"row {broken.pk} of agendas_booking") as refused:
        _move(ready_target)
    assert "xxx" not in str(refused.value)
    for table in ("agendas_agenda", "agendas_booking", "auth_user"):
        assert _psql(ready_target, f"SELECT count(*) FROM {table}").strip() == "0"
    # Mended, the same ready_target can be used.
    Booking.objects.filter(pk=broken.pk).update(user_name="x" * 250)
    assert json.loads(_move(ready_target, "--json"))["tables"]["agendas_booking"] == 3
    # And not a second time.
    with pytest.raises(CommandError, match="not empty.*agendas_booking"):
        _move(ready_target)
    assert _psql(ready_target, "SELECT count(*) FROM agendas_booking").strip() == "3"


def test_a_row_that_arrives_changed_is_a_failure(source, ready_target) -> None:
    make_agenda()
    _psql(
        ready_target,
        "CREATE FUNCTION change() RETURNS trigger AS $$ BEGIN NEW.label = 'other'; RETURN NEW; END $$ LANGUAGE plpgsql;"
        "CREATE TRIGGER change BEFORE INSERT ON agendas_desk FOR EACH ROW EXECUTE FUNCTION change()",
    )
    with pytest.raises(CommandError, match="row 1 of agendas_desk is not the same"):
        _move(ready_target)
    assert _psql(ready_target, "SELECT count(*) FROM agendas_agenda").strip() == "0"


def test_nobody_writes_meanwhile(source, ready_target) -> None:
    make_agenda()
    refused = []

    def write(_table: str, _rows: int) -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(source, timeout=0).execute("DELETE FROM agendas_desk")
        refused.append(True)

    move_database(ready_target, on_copied=write)
    assert refused


def test_it_refuses_while_another_process_has_the_source_open(source, target) -> None:
    other = sqlite3.connect(source)
    other.execute("SELECT count(*) FROM agendas_agenda").fetchall()
    with pytest.raises(CommandError, match="Another process has .*adapter.sqlite3 open"):
        _move(target)
    other.close()
    assert _psql(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").strip() == "0"


OLDER = "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'agendas')"
NEWER = "INSERT INTO django_migrations (app, name, applied) VALUES ('agendas', '9999_unknown', '2030-01-01')"


@pytest.mark.parametrize(("change", "version"), [(OLDER, "older"), (NEWER, "newer")])
def test_it_refuses_a_source_of_another_version(source, target, change, version) -> None:
    with closing(sqlite3.connect(source)) as other, other:
        other.execute(change)
    with pytest.raises(CommandError, match=f"{version} version"):
        _move(target)


def test_it_refuses_a_target_of_a_newer_version(source, target) -> None:
    _talk_to(target)
    call_command("migrate", "sessions", verbosity=0)
    _psql(target, NEWER)
    _talk_to(f"sqlite:///{source}")
    with pytest.raises(CommandError, match="newer version"):
        _move(target)


def test_it_refuses_the_other_direction(source, target) -> None:
    with pytest.raises(CommandError, match="must be PostgreSQL"):
        _move("sqlite:///other.sqlite3")
    _talk_to(target)
    with pytest.raises(CommandError, match="is PostgreSQL already"):
        _move(target)


def test_the_address_may_come_from_a_file(source, tmp_path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgres://nobody:secret@127.0.0.1:1/none\n", "utf-8")
    with pytest.raises(CommandError, match="does not answer") as refused:
        call_command("move_database", "--to-file", str(file))
    assert "secret" not in str(refused.value)
    file.unlink()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("move_database", "--to-file", str(file))


def test_it_refuses_where_there_is_nothing_to_move(source, tmp_path) -> None:
    connections["default"].close()
    source.unlink()
    with pytest.raises(MoveRefused, match="nothing to move"):
        move_database("postgres://nobody@127.0.0.1:1/none")
    assert not source.exists()

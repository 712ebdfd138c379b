"""A dump and a restore on real servers: everything is there again, and so are the guards."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F

from adapter.agendas.models import Agenda, AuditEvent, Booking, BookingState
from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, confirm, hold
from adapter.agendas.services.figures import figures
from adapter.clock import now
from adapter.settings.database import database_from_url
from tests.agendas.builders import ALICE, make_agenda
from tests.support.databases import use_database
from tests.support.postgres import programs
from tests.test_house import ROOT

pytestmark = pytest.mark.servers
FOLDER = ROOT / "deploy/backup"
Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> str:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.skip("no PostgreSQL server")
    return url


@pytest.fixture
def databases(server, django_db_blocker) -> Iterator[tuple[str, str]]:
    """Two empty databases beside each other; this process talks to the first one."""
    base, _, _name = server.rpartition("/")
    names = [f"backup_{os.getpid()}_{part}" for part in ("from", "to")]
    for name in names:
        psql(server, f"CREATE DATABASE {name}")
    kept_settings, kept = connections.settings["default"], connections["default"]
    try:
        with django_db_blocker.unblock():
            use(f"{base}/{names[0]}")
            yield f"{base}/{names[0]}", f"{base}/{names[1]}"
    finally:
        with django_db_blocker.unblock():
            connections["default"].close()
        connections.settings["default"] = kept_settings
        connections["default"] = kept
        for name in names:
            psql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def use(url: str) -> None:
    config = database_from_url(url, pool_size=0, statement_timeout=20, behind_pgbouncer=False)
    template = dict(connections.settings["default"])
    if template["NAME"] != config["NAME"] and str(template["NAME"]).startswith("backup_"):
        connections["default"].close()
    use_database({**template, **config, "TEST": template["TEST"]})


def psql(address: str, statement: str) -> None:
    subprocess.run([programs() / "psql", "--quiet", "--command", statement, address], check=True)


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Runs a script as an admin does: the address stands in a file."""

    def run(name: str, address: str, file: Path, first_in_path: str = "") -> subprocess.CompletedProcess[str]:
        secret = tmp_path / "database_url"
        secret.write_text(address + "\n", "utf-8")
        environment = {**os.environ, "PATH": f"{first_in_path}{programs()}:{os.environ['PATH']}"}
        command = [str(FOLDER / name), str(secret), str(file)]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    return run


def everything() -> dict[str, Any]:
    """All rows of all tables of ours."""
    with connection.cursor() as cursor:
        tables = sorted(name for name in connection.introspection.table_names(cursor))
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


def test_what_is_restored_is_what_was_dumped_and_is_guarded(databases, script, tmp_path: Path) -> None:
    origin, target = databases
    call_command("migrate", verbosity=0)
    make_agenda(weekdays=range(7))
    day = now().date() + datetime.timedelta(days=8)
    slots = [f"passeport:{day}-{time}" for time in ("0900", "0920", "0940")]
    hold(HoldRequest("mairie", (slots[0],), "K"), now=now(), actor=ALICE)
    details = BookingDetails(label="Été «ø» 日本", backoffice_url="https://d.test/1/", extra_data={"a": [1, None]})
    confirm(BookingRequest("mairie", (slots[1],), details=details), now=now(), actor=ALICE)
    before = everything()
    file = tmp_path / "agendas.dump"
    assert script("backup.sh", origin, file).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    # What comes after the dump is not in it.
    hold(HoldRequest("mairie", (slots[2],), "late"), now=now(), actor=ALICE)

    restored = script("restore.sh", target, file)
    assert restored.returncode == 0, restored.stderr
    use(target)
    assert everything() == before
    call_command("migrate", "--check", verbosity=0)
    assert figures(now=now()).live_locks == 1
    # Nothing overlaps, and nothing can.
    standing = Booking.objects.filter(state__in=[BookingState.HELD, BookingState.BOOKED])
    for booking in standing:
        assert not standing.filter(desk=booking.desk, start__lt=booking.end, end__gt=booking.start).exclude(
            pk=booking.pk
        )
    booking = standing.get(state=BookingState.BOOKED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(
            **{
                name: getattr(booking, name)
                for name in ("agenda", "asked_agenda", "desk", "meeting_type", "start", "end", "state", "created_at")
            }
        )
    # Numbers go on where they were, versions count on: work continues.
    confirm(BookingRequest("mairie", (slots[0],), "K"), now=now(), actor=ALICE)
    hold(HoldRequest("mairie", (slots[2],), "new"), now=now(), actor=ALICE)
    assert AuditEvent.objects.count() > len(before["agendas_auditevent"])
    assert Agenda.objects.filter(slug=F("slug")).count() == 1


def test_a_restore_never_mixes_with_what_is_there(databases, script, tmp_path: Path) -> None:
    origin, _target = databases
    call_command("migrate", verbosity=0)
    file = tmp_path / "agendas.dump"
    assert script("backup.sh", origin, file).returncode == 0
    make_agenda()
    refused = script("restore.sh", origin, file)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert Agenda.objects.count() == 1


def test_a_dump_that_fails_leaves_no_file(server, script, tmp_path: Path) -> None:
    base, _, _name = server.rpartition("/")
    file = tmp_path / "agendas.dump"
    assert script("backup.sh", f"{base}/no_such_database", file).returncode != 0
    assert not file.exists()


# What an administrator's generator may come up with; percent-encoded in the address.
PASSWORD = "p@s s/:#?&='\"$(id)`%é"
SPY = """#!/bin/sh
# The arguments of all processes from here up to the test, and what the program itself is given.
pid=$$
while [ "$pid" -gt 1 ] && [ "$pid" != "$STOP_AT" ]; do
    tr '\\0' ' ' < /proc/$pid/cmdline >> "$SEEN"; echo >> "$SEEN"
    pid=$(sed 's/.*) //' /proc/$pid/stat | cut -d ' ' -f 2)
done
printf %s "${PGPASSWORD-}" > "$GIVEN"
exec "$REAL/$(basename "$0")" "$@"
"""


def test_no_list_of_processes_shows_the_password(databases, script, tmp_path: Path, monkeypatch) -> None:
    origin, target = databases
    call_command("migrate", verbosity=0)
    make_agenda()
    seen, given, spies = tmp_path / "seen", tmp_path / "given", tmp_path / "spies"
    spies.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        (spies / name).write_text(SPY, "utf-8")
        (spies / name).chmod(0o755)
    for name, value in {"SEEN": seen, "GIVEN": given, "REAL": programs(), "STOP_AT": os.getpid()}.items():
        monkeypatch.setenv(name, str(value))
    file = tmp_path / "agendas.dump"
    for name, address in (("backup.sh", origin), ("restore.sh", target)):
        scheme, _, rest = address.partition("://")
        user, at, server = rest.rpartition("@")
        secret = f"{scheme}://{user or 'postgres'}:{quote(PASSWORD, safe='')}@{server}?connect_timeout=9"
        ran = script(name, secret, file, f"{spies}:")
        assert ran.returncode == 0, ran.stderr
        assert given.read_text("utf-8") == PASSWORD
        lines = seen.read_text("utf-8")
        # What is harmless and needed is there.
        assert name in lines and "connect_timeout=9" in lines
        assert PASSWORD not in lines and quote(PASSWORD, safe="") not in lines
    use(target)
    assert Agenda.objects.count() == 1


@pytest.mark.parametrize("address", ["", "sqlite:///agendas.sqlite3", "mysql://root@db/agendas"])
def test_what_is_no_address_of_postgresql_is_refused(script, tmp_path: Path, address: str) -> None:
    for name in ("backup.sh", "restore.sh"):
        refused = script(name, address, tmp_path / "agendas.dump")
        assert refused.returncode == 1
        assert "no address of PostgreSQL" in refused.stderr

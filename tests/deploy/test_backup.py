"""A dump and a restore on real servers: everything is there again, and so are the guards."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

pytestmark = pytest.mark.once
FOLDER = ROOT / "deploy/backup"


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


def script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{programs()}:{os.environ['PATH']}"}
    return subprocess.run([str(FOLDER / name), *arguments], env=environment, capture_output=True, text=True)


def everything() -> dict[str, Any]:
    """All rows of all tables of ours."""
    with connection.cursor() as cursor:
        tables = sorted(name for name in connection.introspection.table_names(cursor))
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


def test_what_is_restored_is_what_was_dumped_and_is_guarded(databases, tmp_path: Path) -> None:
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
    assert script("backup.sh", origin, str(file)).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    # What comes after the dump is not in it.
    hold(HoldRequest("mairie", (slots[2],), "late"), now=now(), actor=ALICE)

    restored = script("restore.sh", target, str(file))
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


def test_a_restore_never_mixes_with_what_is_there(databases, tmp_path: Path) -> None:
    origin, _target = databases
    call_command("migrate", verbosity=0)
    file = tmp_path / "agendas.dump"
    assert script("backup.sh", origin, str(file)).returncode == 0
    make_agenda()
    refused = script("restore.sh", origin, str(file))
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert Agenda.objects.count() == 1


def test_a_dump_that_fails_leaves_no_file(server, tmp_path: Path) -> None:
    base, _, _name = server.rpartition("/")
    file = tmp_path / "agendas.dump"
    assert script("backup.sh", f"{base}/no_such_database", str(file)).returncode != 0
    assert not file.exists()

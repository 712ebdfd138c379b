"""Files and values that the pages for admins show: read by what will read them."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from urllib.parse import urlsplit

import pytest

from adapter.agendas.models import Agenda
from adapter.agendas.services import Actor
from adapter.agendas.services.transfer import export_agendas, import_agendas
from adapter.ops.scrubbing import fingerprint
from adapter.wcs.known_services import parse_known_services
from tests.agendas.builders import NOW, make_agenda
from tests.test_house import ROOT

pytestmark = pytest.mark.servers
PAGES = ROOT / "docs/admins"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_both_halves_of_the_connection_name_the_same_keys() -> None:
    (here,) = parse_known_services(blocks("connect.md", "json")[0])
    there = configparser.ConfigParser()
    there.optionxform = str  # type: ignore[assignment]
    there.read_string(blocks("connect.md", "ini")[0])
    adapter = urlsplit(there["options"]["chrono_url"])
    assert adapter.path == "/"
    assert there["wscall-secrets"][str(adapter.hostname)] == here.secret
    assert there["api-secrets"][here.orig] == here.secret
    assert here.verif_orig == urlsplit(here.url).hostname


@pytest.mark.django_db
def test_parts_of_an_agenda_can_be_imported_as_they_are_shown() -> None:
    make_agenda()
    document = export_agendas(["mairie"])
    shown = blocks("running.md", "json")
    assert len(shown) == 2
    for part in shown:
        document["agendas"][0] |= json.loads(f"{{{part}}}")
    assert import_agendas(document, now=NOW, actor=Actor.agent("admin"))
    agenda = Agenda.objects.get()
    assert (agenda.reminder_hours, agenda.anonymize_after_days, agenda.purge_after_days) == (24, 90, 730)


def test_a_lock_is_found_in_the_logs_as_the_page_says() -> None:
    (command,) = [block for block in blocks("watch.md", "console") if "sha256sum" in block]
    ran = subprocess.run(
        ["sh", "-c", command.removeprefix("$ ")], env={"PATH": "/usr/bin:/bin", "CODE": "5f2c41d8"}, capture_output=True
    )
    assert ran.stdout.decode().strip() == fingerprint("5f2c41d8")

"""The calls that the page for integrators shows: sent as they stand there, answered as it shows.

``WRITE_PAGES=1 pytest tests/docs`` writes what is answered now into the page: look at the difference.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from adapter.agendas.queries.snapshot import cache
from adapter.api import routing
from tests.agendas.builders import NOW, make_agenda, make_virtual
from tests.support.signed import Answer, Api, known_services
from tests.test_house import ROOT

pytestmark = pytest.mark.django_db
PAGE = ROOT / "docs/integrators/resources.md"
PAIR = re.compile(r"^```http\n(?P<method>[A-Z]+) (?P<address>\S+)\n(?P<body>.*?)^```\n\n```json\n.*?^```$", re.M | re.S)
# The booking that the page follows; numbers differ from one database to the next.
SHOWN_NUMBER = 42
# Columns of a line, and entries of a list that are shown.
WIDTH, ENTRIES = 110, 2


@pytest.fixture
def api(settings, monkeypatch) -> Api:
    """w.c.s. on a Monday morning; somebody else holds the second desk at the time that the page books."""
    settings.KNOWN_SERVICES = known_services()
    settings.BASE_URL = "https://agendas.example.org/"
    monkeypatch.setattr(routing, "now", lambda: NOW)
    monkeypatch.setattr("adapter.clock.real_now", lambda: NOW)
    cache.clear()
    mairie = make_agenda(backoffice_booking_enabled=False)
    make_virtual("toutes-mairies", mairie, make_agenda("annexe", desks=1))
    caller = Api()
    assert caller.post("agenda/mairie/fillslot/passeport:2026-11-30-0900/", {"label": "somebody else"}).json["err"] == 0
    return caller


def written(value: Any, indent: str = "") -> str:
    """JSON on as few lines as are wide enough, long lists cut."""
    flat = json.dumps(value, ensure_ascii=False)
    cut = isinstance(value, list) and len(value) > ENTRIES
    if not isinstance(value, dict | list) or (len(indent) + len(flat) <= WIDTH and not cut and "[{" not in flat):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {written(item, inner)}" for key, item in value.items()]
        opened, closed = "{}"
    else:
        parts = [written(item, inner) for item in value[:ENTRIES]] + (["…"] if cut else [])
        opened, closed = "[]"
    return f"{opened}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closed}"


def sent(api: Api, block: re.Match[str], number: int) -> Answer:
    """The call of a block; the number that is shown stands for that of the booking."""
    address = urlsplit(block["address"].replace(f"/booking/{SHOWN_NUMBER}/", f"/booking/{number}/"))
    body = json.loads(block["body"]) if block["body"].strip() else None
    if body is None and block["method"] == "POST":
        body = {}
    return api.call(
        block["method"], address.path.removeprefix("/api/"), body=body, query=dict(parse_qsl(address.query))
    )


def test_each_call_is_answered_as_the_page_shows(api) -> None:
    page, number = PAGE.read_text("utf-8"), 0
    statuses: list[int] = []

    def shown_number(found: re.Match[str]) -> str:
        return f"{found[1]}{SHOWN_NUMBER if int(found[2]) == number else SHOWN_NUMBER + 1}"

    def again(block: re.Match[str]) -> str:
        nonlocal number
        answer = sent(api, block, number)
        statuses.append(answer.status)
        number = number or answer.json.get("booking_id", 0)
        text = re.sub(r'("booking_id": |/booking/)(\d+)', shown_number, written(answer.json))
        call, _shown = block[0].split("```json\n")
        return f"{call}```json\n{text}\n```"

    now = PAIR.sub(again, page)
    assert len(statuses) == page.count("```http") == page.count("```json") >= 12
    assert set(statuses) == {200, 400}
    if os.environ.get("WRITE_PAGES"):
        PAGE.write_text(now, "utf-8")
    assert page == now


def test_a_list_that_did_not_change_is_answered_304(api) -> None:
    query = {"lock_code": "5f2c41d8"}
    path = "agenda/mairie/meetings/passeport/datetimes/"
    first = api.call("GET", path, query=query)
    again = api.call("GET", path, query=query, if_none_match=first.headers["ETag"])
    assert (first.status, again.status) == (200, 304)

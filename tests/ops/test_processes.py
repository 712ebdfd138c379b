"""What several web processes say together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests

from tests.support.signed import KEY, ORIG
from tests.support.web import database_url, web_server

pytestmark = pytest.mark.servers

SERVICE = {"title": "w.c.s.", "url": "http://127.0.0.1:9/", "orig": "agendas.test", "secret": KEY, "verif_orig": ORIG}


@pytest.mark.django_db(transaction=True)
def test_counters_of_all_web_processes_are_added_up(shared_database, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": database_url(shared_database),
        "KNOWN_SERVICES": json.dumps({"wcs": {"test": SERVICE}}),
        "LOG_JSON": "1",
        "LOG_LEVEL": "INFO",
    }
    with web_server(tmp_path, environment) as base:
        for _ in range(40):
            # A connection each, so that both workers get some.
            assert requests.get(f"{base}/api/agenda/", timeout=10).status_code == 403
        counted = set()
        for _ in range(10):
            text = requests.get(f"{base}/metrics", timeout=10).text
            counted |= set(
                re.findall(r'booking_adapter_requests_total\{method="GET",route="agendas",status="403"\} (\S+)', text)
            )
            assert "booking_adapter_requests_counted 1.0" in text
        assert counted == {"40.0"}
    lines = [line for line in (tmp_path / "web.log").read_text("utf-8").splitlines() if '"request"' in line]
    assert len({json.loads(line)["request_id"] for line in lines}) == len(lines) >= 40
    assert not list(tmp_path.glob("*.db"))

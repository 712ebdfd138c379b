"""Traces and reports of errors: off by default, and without anything personal when they are on."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from adapter.ops.telemetry.sentry import cleaned
from tests.ops.test_logs import CODE, NEVER, PERSON
from tests.support.celery import eventually
from tests.support.signed import KEY, ORIG, HttpApi
from tests.support.web import database_url, web_server

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]
SERVICE = {"title": "w.c.s.", "url": "http://127.0.0.1:9/", "orig": "agendas.test", "secret": KEY, "verif_orig": ORIG}


class Collector:
    """Takes whatever is posted."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.received.append((self.path, body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def bodies(self) -> bytes:
        return b"\n".join(body for _path, body in self.received)


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    yield found
    found.server.shutdown()
    found.server.server_close()


def environment(database: dict[str, object], **more: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url(database),
        "KNOWN_SERVICES": json.dumps({"wcs": {"test": SERVICE}}),
        "LOG_LEVEL": "WARNING",
        **more,
    }


@pytest.mark.django_db(transaction=True)
def test_spans_name_routes_and_statements_and_nobody(shared_database, collector, tmp_path) -> None:
    values = environment(
        shared_database, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{collector.address}", OTEL_BSP_SCHEDULE_DELAY="100"
    )
    with web_server(tmp_path, values, workers=1) as base:
        api = HttpApi(base)
        trace = "0af7651916cd43dd8448eb211c80319c"
        api.call("GET", "agenda/", query={"q": "Lovelacova"}, traceparent=f"00-{trace}-b7ad6b7169203331-01")
        api.call("GET", f"agenda/mairie/locks/{CODE}/")
        api.post("agenda/mairie/fillslot/x/", {"lock_code": CODE, **PERSON})
        eventually(lambda: b"fillslot" in collector.bodies() and bytes.fromhex(trace) in collector.bodies())
    found = collector.bodies()
    assert {path for path, _ in collector.received} == {"/v1/traces"}
    assert b"GET agendas" in found
    assert b"db.query.text" in found
    for word in NEVER:
        assert word.encode() not in found, word


@pytest.mark.django_db(transaction=True)
def test_reports_of_errors_tell_where_and_nobody(shared_database, collector, tmp_path) -> None:
    broken = (
        "import adapter.api.views.agendas as a\n"
        "def fail(*_, **__):\n raise ValueError('Adalbertine')\n"
        "a.agenda_item = fail\n"
    )
    (tmp_path / "broken_wsgi.py").write_text(f"from adapter.wsgi import application\n{broken}", "utf-8")
    from adapter.agendas.models import Agenda

    Agenda.objects.create(slug="mairie", label="Mairie")
    values = environment(shared_database, SENTRY_DSN=f"http://key-of-sentry@{collector.address}/42")
    with web_server(tmp_path, values, workers=1, application="broken_wsgi:application") as base:
        answer = HttpApi(base).call(
            "GET",
            "agenda/",
            query={"user_external_id": "Lovelacova"},
            Cookie="a=pass-word-of-agent",
            **{"X-A": "Zyxwv"},
        )
        assert answer.status == 500
        eventually(lambda: b"ValueError" in collector.bodies())
    found = collector.bodies()
    assert b"broken_wsgi.py" in found
    for word in NEVER:
        assert word.encode() not in found, word
    with pytest.raises(requests.ConnectionError):
        requests.get(base, timeout=30)


def test_a_report_keeps_place_and_type() -> None:
    report = cleaned(
        {
            "level": "error",
            "user": {"email": "ada@lovelace.example"},
            "extra": {"label": "Zyxwv"},
            "breadcrumbs": {"values": [{"message": "Zyxwv"}]},
            "request": {
                "url": f"http://a/api/locks/{CODE}/?x=Zyxwv",
                "method": "GET",
                "data": "Zyxwv",
                "cookies": "Zyxwv",
            },
            "contexts": {"request_body": {"a": "Zyxwv"}, "os": {"name": "Linux"}},
            "logentry": {"message": "failed for %s", "params": ["Zyxwv"], "formatted": "failed for Zyxwv"},
            "exception": {
                "values": [
                    {
                        "type": "ValueError",
                        "value": "Zyxwv",
                        "stacktrace": {"frames": [{"lineno": 3, "vars": {"a": "Zyxwv"}}]},
                    },
                    {"type": "NameError", "value": "name 'x' is not defined"},
                ]
            },
        }
    )
    assert "Zyxwv" not in json.dumps(report)
    assert CODE not in json.dumps(report)
    assert report["exception"]["values"][0]["stacktrace"]["frames"] == [{"lineno": 3}]
    assert report["exception"]["values"][1]["value"] == "name 'x' is not defined"
    assert report["logentry"] == {"message": "failed for %s"}
    assert "user" not in report


@pytest.mark.parametrize(
    ("setting", "value", "package", "extra"),
    [
        ("SENTRY_DSN", "https://key@sentry.example/1", "sentry_sdk", "sentry"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318", "opentelemetry", "tracing"),
    ],
)
def test_a_missing_package_stops_the_start_and_names_the_extra(tmp_path, setting, value, package, extra) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; import django; django.setup()"
    values = {"ADAPTER_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "adapter.settings"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env={**values, setting: value}, capture_output=True, text=True, cwd=tmp_path
    )
    assert ran.returncode
    last = ran.stderr.splitlines()[-1]
    assert f"{setting}: " in last and f"'{extra}'" in last


def test_nothing_is_imported_when_they_are_off(tmp_path) -> None:
    code = (
        "import sys, django; django.setup(); print(sorted({'sentry_sdk', 'opentelemetry.exporter'} & set(sys.modules)))"
    )
    values = {"ADAPTER_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "adapter.settings"}
    ran = subprocess.run([sys.executable, "-c", code], env=values, capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout.strip() == "[]", ran.stderr

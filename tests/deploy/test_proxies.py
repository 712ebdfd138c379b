"""The nginx and PgBouncer examples, run by those programs where they are installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.celery import eventually
from tests.support.pgbouncer import PgBouncer, PgBouncerMissing
from tests.support.servers import free_port
from tests.support.signed import KEY, ORIG, HttpApi
from tests.support.web import database_url, web_server
from tests.test_house import ROOT

SERVICE = {"title": "w.c.s.", "url": "http://127.0.0.1:9/", "orig": "agendas.test", "secret": KEY, "verif_orig": ORIG}
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
NGINX = shutil.which("nginx", path=PATH)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    pem, key = tmp_path / "agendas.pem", tmp_path / "agendas.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=agendas.example.org",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    subprocess.run([*command, "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
    return pem, key


class Nginx:
    """The example with ports, paths and names of this test."""

    def __init__(self, home: Path, upstream: str, certificate: tuple[Path, Path]) -> None:
        self.home = home
        self.plain, self.secure = free_port(), free_port()
        text = (ROOT / "deploy/nginx/booking-adapter.conf").read_text("utf-8")
        for before, after in (
            ("127.0.0.1:8000", upstream),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.secure} ssl;"),
            ("/etc/ssl/certs/agendas.example.org.pem", str(certificate[0])),
            ("/etc/ssl/private/agendas.example.org.key", str(certificate[1])),
            ("/var/log/nginx/", f"{home}/"),
        ):
            assert before in text
            text = text.replace(before, after)
        folders = "".join(
            f"{name}_temp_path {home}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (home / "nginx.conf").write_text(
            f"daemon off; pid {home}/nginx.pid; error_log {home}/own.log; user root;\n"
            f"events {{}}\nhttp {{ {folders} {text} }}\n",
            "utf-8",
        )

    def __enter__(self) -> Nginx:
        command = [str(NGINX), "-c", str(self.home / "nginx.conf"), "-p", str(self.home)]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)


@pytest.mark.servers
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.django_db(transaction=True)
def test_nginx_serves_over_tls_and_writes_no_code_down(shared_database, tmp_path, certificate) -> None:
    environment = {
        "DATABASE_URL": database_url(shared_database),
        "KNOWN_SERVICES": json.dumps({"wcs": {"test": SERVICE}}),
        "BEHIND_HTTPS_PROXY": "on",
        "PROXIES_IN_FRONT": "1",
        "ALLOWED_HOSTS": "agendas.example.org,127.0.0.1",
        "LOG_LEVEL": "WARNING",
    }
    with web_server(tmp_path, environment) as base, Nginx(tmp_path, urlsplit(base).netloc, certificate) as nginx:
        session = requests.Session()
        session.verify = str(certificate[0])
        session.headers["Host"] = "agendas.example.org"
        secure = f"https://127.0.0.1:{nginx.secure}"
        # Whatever bundle of certificates the environment names: this one counts.
        session.trust_env = False
        eventually(lambda: nginx.process.poll() is None and _open(nginx.secure))
        moved = session.get(f"http://127.0.0.1:{nginx.plain}/manage/", allow_redirects=False, timeout=10)
        assert (moved.status_code, moved.headers["Location"]) == (301, "https://agendas.example.org/manage/")
        login = session.get(f"{secure}/login/", timeout=10)
        assert login.status_code == 200
        assert "Secure" not in login.headers.get("Server", "")
        assert session.get(f"{secure}/metrics", timeout=10).status_code == 404
        api = HttpApi(secure)
        api.session = session
        assert api.call("GET", "agenda/mairie/locks/very-secret-code/").status == 404
        assert api.get("agenda/", lock_code="very-secret-code").json["err"] == 0
        assert [session.get(f"{secure}/login/", timeout=10).status_code for _ in range(20)].count(503) >= 1
    text = (tmp_path / "booking-adapter.log").read_text("utf-8")
    assert "/api/agenda/mairie/locks/~ " in text
    for word in ("very-secret-code", "signature", "nonce"):
        assert word not in text
    assert not (tmp_path / "booking-adapter.error.log").read_text("utf-8")


def _open(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def pgbouncer() -> Iterator[int]:
    """The example in front of the test server; gives its port. Starts when the test has its database."""
    try:
        server = PgBouncer(os.environ["TEST_POSTGRES_URL"])
    except PgBouncerMissing as missing:
        pytest.skip(str(missing))
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.mark.servers
@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_adapter_works_through_pgbouncer(pgbouncer, shared_database, tmp_path_factory) -> None:
    from adapter.agendas.models import Booking
    from tests.agendas.builders import make_agenda

    make_agenda(weekdays=range(7), hours=[("00:00", "24:00")])
    environment = {
        "DATABASE_URL": re.sub(r":\d+/", f":{pgbouncer}/", database_url(shared_database)),
        "DATABASE_PGBOUNCER": "on",
        "KNOWN_SERVICES": json.dumps({"wcs": {"test": SERVICE}}),
        "LOG_LEVEL": "WARNING",
    }
    with web_server(tmp_path_factory.mktemp("web"), environment) as base:
        api = HttpApi(base)
        slots = api.get("agenda/mairie/meetings/passeport/datetimes/").json["data"]
        for number in range(10):
            body = {"lock_code": f"K{number}", "backoffice_url": f"https://d.test/{number}/"}
            address = f"agenda/mairie/fillslot/{slots[number]['id']}/"
            assert api.post(address, {"lock_code": f"K{number}"}).json["err"] == 0
            assert api.post(address, {**body, "confirm_after_lock": True}).json["outcome"] == "confirmed"
    assert Booking.objects.filter(state="booked").count() == 10

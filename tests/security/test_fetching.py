"""SSRF: addresses of calendars and callbacks that reach for what they must not."""

from __future__ import annotations

import gzip
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.agendas.services import ics, safe_fetch
from adapter.agendas.services.safe_fetch import AddressRefused, FetchError, fetch_text, is_public
from adapter.wcs.client import UnknownAddress, call
from tests.support.signed import known_services

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


class RawServer:
    """Answers each connection with what ``script`` does to it; remembers that it was reached."""

    def __init__(self, script: Callable[[socket.socket, threading.Event], None]) -> None:
        self.reached = 0
        self.over = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.script = script
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.reached += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                self.script(connection, self.over)
            except OSError:
                pass

    def close(self) -> None:
        self.over.set()
        self.socket.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    made: list[RawServer] = []

    def start(script: Callable[[socket.socket, threading.Event], None]) -> RawServer:
        made.append(RawServer(script))
        return made[-1]

    yield start
    for server in made:
        server.close()


def says(*parts: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def script(connection: socket.socket, _over: threading.Event) -> None:
        for part in parts:
            connection.sendall(part)

    return script


def drips(before: bytes, drop: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """For ever, slowly enough that no single read times out."""

    def script(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(before)
        while not over.wait(0.02):
            connection.sendall(drop)

    return script


HOSTS = [
    *(
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
    ),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[::ffff:0:127.0.0.1]"),
    *(
        "127.0.0.1%00.example.org",
        "①②⑦.⓪.⓪.①",
        "user:pass@127.0.0.1",
        "example.org@127.0.0.1",
        "127.0.0.1#.example.org",
    ),
]


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_this_machine_is_connected_to(serve, host) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(FetchError):
        fetch_text(f"http://{host}:{server.port}/calendar.ics")
    assert server.reached == 0


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "100.64.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "192.0.0.170", "198.18.0.1"),
        *("fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::a00:1"),
        *("2002:a00:1::", "2001:0:a00:1::f5ff:fffe", "ff02::1", "224.0.0.1", "255.255.255.255", "5f00::1", "240.0.0.1"),
    ],
)
def test_addresses_of_other_networks_are_not_public(address) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_wrapping_makes_a_private_address_public(address) -> None:
    number = int(address)
    for wrapped in (
        f"::ffff:{address}",
        f"::{address}",
        f"64:ff9b::{address}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::",
    ):
        assert not is_public(wrapped)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://[::1]:{port}/", "file:///etc/passwd"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_into_the_private_network(serve, settings, monkeypatch, status, target) -> None:
    inner = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    location = target.format(port=inner.port).encode()
    outer = serve(says(b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location)))
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["outer.example"]
    resolve(monkeypatch, {"outer.example": ["127.0.0.1"]})
    with pytest.raises(FetchError):
        fetch_text(f"http://outer.example:{outer.port}/")
    assert (outer.reached, inner.reached) == (1, 0)


def resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """A name server of this test; what is asked of it."""
    real, asked = socket.getaddrinfo, []

    def answer(host, *arguments, **keywords):
        if host in names:
            asked.append(host)
            found = names[host]
            address = found.pop(0) if len(found) > 1 else found[0]
            return real(address, *arguments, **keywords)
        return real(host, *arguments, **keywords)

    monkeypatch.setattr(safe_fetch.socket, "getaddrinfo", answer)
    return asked


def test_a_name_that_changes_its_mind_is_judged_by_the_address_that_is_used(serve, monkeypatch) -> None:
    """Rebinding: public when it is looked at, private when it is connected to."""
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    asked = resolve(monkeypatch, {"rebind.example": ["127.0.0.1"]})
    with pytest.raises(AddressRefused):
        fetch_text(f"http://rebind.example:{server.port}/")
    assert asked == ["rebind.example"]
    assert server.reached == 0


def test_one_private_address_among_public_ones_refuses_them_all(monkeypatch) -> None:
    real = socket.getaddrinfo
    both = [*real("192.0.2.10", 80, type=socket.SOCK_STREAM), *real("10.0.0.1", 80, type=socket.SOCK_STREAM)]
    monkeypatch.setattr(safe_fetch.socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(AddressRefused):
        fetch_text("http://two.example/")


@pytest.mark.parametrize("proxy", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_of_the_environment_does_not_connect_in_our_place(serve, monkeypatch, proxy) -> None:
    server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    monkeypatch.setenv(proxy, f"http://127.0.0.1:{server.port}")
    with pytest.raises(FetchError):
        fetch_text("http://10.0.0.1/")
    assert server.reached == 0


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"1"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"H"),
    ],
    ids=["headers", "one header", "body", "long body", "chunks", "status line"],
)
def test_what_drips_for_ever_is_cut(serve, settings, monkeypatch, before, drop) -> None:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr(safe_fetch, "TOTAL_SECONDS", 0.5)
    server = serve(drips(before, drop))
    with pytest.raises(FetchError):
        fetch_text(f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize("declared", [b"", b"Content-Length: 6000000\r\n"])
def test_more_than_five_mebibytes_are_not_read(serve, settings, declared) -> None:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    server = serve(says(b"HTTP/1.1 200 OK\r\n" + declared + b"\r\n", b"x" * 6_000_000))
    with pytest.raises(FetchError, match="larger than 5 MiB"):
        fetch_text(f"http://127.0.0.1:{server.port}/")


def test_a_bomb_is_measured_as_it_unfolds(serve, settings) -> None:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    bomb = gzip.compress(b"\0" * 60_000_000)
    assert len(bomb) < 100_000
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    server = serve(says(head + bomb))
    with pytest.raises(FetchError, match="larger than 5 MiB"):
        fetch_text(f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip", b"\xff" * 9000]
)
def test_nonsense_is_an_error_with_a_sentence(serve, settings, answer) -> None:
    settings.ICS_PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    server = serve(says(answer))
    with pytest.raises(FetchError):
        fetch_text(f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize(
    "url",
    [
        *("https://wcs.test.evil.example/hooks/x/", "http://wcs.test/hooks/x/", "https://wcs.test:8443/hooks/x/"),
        *("https://wcs.test@evil.example/", "https://evil.example\\@wcs.test/", "https://user@wcs.test/hooks/"),
        *(
            "file:///etc/passwd",
            "gopher://wcs.test/",
            "https://wcs.test.:444/",
            "//wcs.test/hooks/",
            "https://[::1]/",
            "",
        ),
        *("https://wcs.test\t.evil.example/", "https://evil.example#@wcs.test/", "https://evil.example?@wcs.test/"),
    ],
)
def test_callbacks_go_to_known_services_only(settings, url) -> None:
    settings.KNOWN_SERVICES = known_services("https://wcs.test/")
    with pytest.raises(UnknownAddress):
        call("POST", url, body={})


def test_a_callback_follows_no_redirect(serve, settings) -> None:
    inner = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    head = b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % inner.port
    outer = serve(says(head))
    settings.KNOWN_SERVICES = known_services(f"http://127.0.0.1:{outer.port}/")
    assert call("POST", f"http://127.0.0.1:{outer.port}/hooks/x/", body={}).status == 307
    assert inner.reached == 0


def test_a_slow_calendar_ends_before_the_web_process_that_waits_for_it() -> None:
    configuration = (Path(__file__).parents[2] / "adapter/ops/gunicorn.py").read_text("utf-8")
    [timeout] = re.findall(r"^timeout = (\d+)$", configuration, re.MULTILINE)
    assert int(timeout) > safe_fetch.TOTAL_SECONDS + ics.MAX_SECONDS

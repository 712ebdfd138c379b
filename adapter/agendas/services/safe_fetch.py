"""Reading an address that somebody typed in, without letting it reach into the private network (SSRF).

The host is resolved once, its addresses are judged, and the connection goes to a judged address: a name server that
changes its mind meanwhile changes nothing. Redirects are followed by hand, each one judged the same way.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

MAX_BYTES = 5 * 1024 * 1024
CONNECT_SECONDS = 5
READ_SECONDS = 10
# Agents wait for it: with the reading of what came (see ``ics``) it must end before their web process is killed.
TOTAL_SECONDS = 18
TOO_SLOW = f"not read within {TOTAL_SECONDS} seconds"
MAX_REDIRECTS = 3
CHUNK = 64 * 1024
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Ways to write or to carry addresses of other networks, which the standard library counts as public.
CARRIERS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::/96",  # IPv4-compatible
        "64:ff9b:1::/48",  # NAT64 of a private network
        "::ffff:0:0:0/96",  # IPv4-translated
        "fec0::/10",  # site-local
        "5f00::/16",  # segments of a provider's network
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
    )
)


class FetchError(Exception):
    """The address could not be read; the sentence says why and holds no secret of the address."""


class AddressRefused(FetchError):
    """The host is on a private network, and not in ``ICS_PRIVATE_HOSTS_ALLOWED``."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip.teredo:
            inner = ip.teredo[1]
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if any(ip in network for network in CARRIERS):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_unspecified


def judged_addresses(host: str, port: int) -> list[str]:
    """The addresses of ``host`` that may be connected to. Raises :class:`AddressRefused` when one of them may not."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    trusted = host.lower() in {name.lower() for name in settings.ICS_PRIVATE_HOSTS_ALLOWED}
    # One private address among public ones is how rebinding starts: refuse them all.
    if not trusted and not all(is_public(address) for address in found):
        raise AddressRefused(f"{host} is on a private network")
    return found


class _Deadline:
    """Cuts the connections of one fetch when its time is over, whatever drips out of them: headers, TLS, or a body."""

    _current = threading.local()

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._current.deadline = None
        for watched in self._watched:
            watched.close()

    @classmethod
    def watch(cls, connected: socket.socket) -> None:
        """Cut this connection too. A duplicate is kept: TLS takes the original away."""
        deadline: _Deadline | None = getattr(cls._current, "deadline", None)
        if deadline is not None:
            deadline._watched.append(connected.dup())

    def _cut(self) -> None:
        self.passed = True
        for watched in self._watched:
            try:
                watched.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class _Judged:
    """A connection to a judged address, still presenting and checking the host's name."""

    def _new_conn(self: Any) -> socket.socket:
        failure: Exception | None = None
        try:
            for address in judged_addresses(self._dns_host, self.port):
                try:
                    connected = create_connection(
                        (address, self.port),
                        self.timeout,
                        source_address=self.source_address,
                        socket_options=self.socket_options,
                    )
                    _Deadline.watch(connected)
                    return connected
                except OSError as error:
                    failure = error
        except OSError as error:
            failure = error
        raise NewConnectionError(self, f"cannot connect ({type(failure).__name__})") from failure


class _JudgedHTTP(_Judged, HTTPConnection):
    pass


class _JudgedHTTPS(_Judged, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _JudgedHTTP  # type: ignore[assignment]


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _JudgedHTTPS  # type: ignore[assignment]


class JudgingAdapter(HTTPAdapter):
    """Transport of ``requests`` that connects to judged addresses only."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class, with the pools above."""
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


def fetch_text(url: str) -> str:
    """The text at ``url`` (http or https, 5 MiB and 18 seconds at the most). Raises :class:`FetchError`."""
    with requests.Session() as session, _Deadline(TOTAL_SECONDS) as deadline:
        # Proxies of the environment would connect in our place, unjudged; .netrc would send passwords.
        session.trust_env = False
        session.mount("http://", JudgingAdapter())
        session.mount("https://", JudgingAdapter())
        for _hop in range(MAX_REDIRECTS + 1):
            _check_url(url)
            try:
                with session.get(
                    url,
                    stream=True,
                    allow_redirects=False,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    headers={"Accept": "text/calendar, */*;q=0.1"},
                ) as response:
                    if response.is_redirect:
                        url = urljoin(url, response.headers["location"])
                        continue
                    if response.status_code != 200:
                        raise FetchError(f"HTTP {response.status_code}")
                    return _read(response, deadline)
            except (requests.RequestException, HTTPError, ValueError, OSError) as error:
                if deadline.passed:
                    raise FetchError(TOO_SLOW) from None
                raise FetchError(f"cannot be read ({type(error).__name__})") from None
        raise FetchError("too many redirects")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise FetchError("only http:// and https:// addresses can be read")


def _read(response: requests.Response, deadline: _Deadline) -> str:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(CHUNK):
        size += len(part)
        if size > MAX_BYTES:
            raise FetchError(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
        parts.append(part)
    # A connection that was cut may look like one that ended.
    if deadline.passed:
        raise FetchError(TOO_SLOW)
    try:
        return b"".join(parts).decode("utf-8-sig")
    except UnicodeDecodeError:
        return b"".join(parts).decode("latin-1")

"""The services of the platform: whom we call, and who may call us (Publik's ``KNOWN_SERVICES`` convention)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class KnownService:
    """One w.c.s. ``orig`` is the name under which we call it, ``verif_orig`` the one under which it calls us."""

    name: str
    title: str
    url: str
    orig: str
    secret: str
    verif_orig: str

    def __repr__(self) -> str:
        return f"KnownService({self.name!r}, {self.url!r})"

    def serves(self, url: str) -> bool:
        """Whether ``url`` lies on the very scheme, host and port of this service, without any user part."""
        target, own = _split(url), _split(self.url)
        return target is not None and own is not None and _place(target) == _place(own) and target.username is None


class KnownServices:
    """All services; empty when nothing is configured: then nobody may call and nobody is called."""

    def __init__(self, services: list[KnownService]) -> None:
        self._services = services

    def __iter__(self) -> Iterator[KnownService]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def __repr__(self) -> str:
        return f"KnownServices({self._services!r})"

    def secret_for_orig(self, orig: str) -> str | None:
        """The key of the service that calls us as ``orig``; ``None`` when nobody does."""
        return next(
            (service.secret for service in self._services if service.verif_orig == orig and service.secret), None
        )

    def service_for_url(self, url: str) -> KnownService | None:
        """The service on which an absolute ``url`` lies; ``None`` for any other address."""
        return next((service for service in self._services if service.serves(url)), None)

    def default(self) -> KnownService | None:
        """The service in which agents fill forms: the first one."""
        return self._services[0] if self._services else None


def parse_known_services(value: str | dict[str, Any]) -> KnownServices:
    """Read ``{"wcs": {"NAME": {"title", "url", "orig", "secret", "verif_orig"}}}``; other kinds are passed over.

    ``verif_orig`` is by default the host of ``url``, which is what w.c.s. sends. Raises ``ValueError`` with a
    sentence that names the faulty key, never the secret.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except json.JSONDecodeError as error:
            raise ValueError(f"not a JSON object ({error.msg}, line {error.lineno}).") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object.")
    services = value.get("wcs", {})
    if not isinstance(services, dict):
        raise ValueError("wcs: not an object.")
    found = KnownServices([_service(name, item) for name, item in services.items()])
    origs = [service.verif_orig for service in found]
    if len(set(origs)) != len(origs):
        raise ValueError("wcs: two services have the same verif_orig.")
    return found


def _service(name: str, item: Any) -> KnownService:
    if not isinstance(item, dict):
        raise ValueError(f"wcs.{name}: not an object.")
    for key in ("url", "orig", "secret", "title", "verif_orig"):
        text = item.get(key, "")
        if not isinstance(text, str):
            raise ValueError(f"wcs.{name}.{key}: not a text.")
        if key in ("url", "orig", "secret") and not text.strip():
            raise ValueError(f"wcs.{name}.{key}: missing.")
    parts = _split(item["url"])
    if parts is None or parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(f"wcs.{name}.url: not an http or https address.")
    return KnownService(
        name=name,
        title=item.get("title") or name,
        url=item["url"] if item["url"].endswith("/") else f"{item['url']}/",
        orig=item["orig"],
        secret=item["secret"],
        verif_orig=item.get("verif_orig") or parts.hostname,
    )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises on a port that is not one
    except ValueError:
        return None
    return parts


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)

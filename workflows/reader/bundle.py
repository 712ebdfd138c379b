"""Application bundles: a tar with a manifest and one member per element (wcs-xml.md §16), unpacked in memory only."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from .document import Document
from .errors import DefinitionError
from .limits import DEFAULT_LIMITS, Limits

MANIFEST = "manifest.json"
TAR_ERRORS = (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, OverflowError)


@dataclass
class Bundle:
    """An unpacked bundle.

    `members` are raw bytes by name; `documents` the members that could be parsed; `errors` the faults of the others.
    """

    path: str
    manifest: dict[str, Any]
    members: dict[str, bytes]
    documents: list[Document] = field(default_factory=list)
    errors: list[DefinitionError] = field(default_factory=list)

    @property
    def elements(self) -> list[dict[str, Any]]:
        """The entries of the manifest that are objects."""
        found = self.manifest.get("elements")
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def member_name(self, element: dict[str, Any]) -> str:
        """`<type>/<slug>`, where the definition of an element stands."""
        return f"{element.get('type')}/{element.get('slug')}"


class _Bounded(io.RawIOBase):
    """Counts what comes out of a decompressor and stops at the limit: a bomb never unfolds."""

    def __init__(self, raw: bytes, limit: int) -> None:
        self._source = _decompressed(raw)
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise _too_much()
        return data


def _too_much() -> DefinitionError:
    return DefinitionError(
        "bundle-unsafe",
        "the archive unpacks to more than is allowed",
        french="l'archive décompressée est plus grande que permis",
    )


def _decompressed(raw: bytes) -> io.BufferedIOBase:
    import bz2
    import gzip

    stream = io.BytesIO(raw)
    if raw.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream)
    if raw.startswith(b"BZh"):
        return bz2.BZ2File(stream)
    if raw.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(stream)
    return stream


def read_bundle(raw: bytes, path: str = "", limits: Limits = DEFAULT_LIMITS) -> Bundle:
    """Unpack a bundle in memory.

    Raises DefinitionError: `not-bundle` (no tar, no readable manifest), `bundle-unsafe` (a name with `..` or
    absolute, a link, a device, too many members, too big unpacked). Faults of single elements are in `Bundle.errors`.
    """
    try:
        members = _members(raw, limits)
        manifest = _manifest(members)
        bundle = Bundle(path, manifest, members)
    except DefinitionError as error:
        error.path = path
        raise
    elements = 0
    for name, data in members.items():
        if "/" not in name or name == manifest.get("icon"):
            continue
        try:
            document = Document(data, f"{path}:{name}", limits)
        except DefinitionError as error:
            bundle.errors.append(error)
            continue
        elements += len(document.elements)
        if elements > limits.bundle_elements:
            raise DefinitionError(
                "bundle-unsafe",
                f"more than {limits.bundle_elements} elements in the archive",
                path,
                french=f"plus de {limits.bundle_elements} éléments dans l'archive",
            )
        bundle.documents.append(document)
    return bundle


def _members(raw: bytes, limits: Limits) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    count = size = 0
    try:
        with tarfile.open(fileobj=_Bounded(raw, limits.bundle_unpacked_size), mode="r|") as archive:
            for info in archive:
                count += 1
                if count > limits.bundle_members:
                    raise DefinitionError(
                        "bundle-unsafe",
                        f"more than {limits.bundle_members} members",
                        french=f"plus de {limits.bundle_members} membres",
                    )
                name = _safe_name(info)
                if info.isdir():
                    continue
                size += info.size
                if size > limits.bundle_unpacked_size:
                    raise _too_much()
                if info.size > limits.xml_size:
                    raise DefinitionError(
                        "bundle-unsafe",
                        f"the member {name} weighs more than {limits.xml_size} bytes",
                        french=f"le membre {name} pèse plus de {limits.xml_size} octets",
                    )
                extracted = archive.extractfile(info)
                members[name] = extracted.read() if extracted else b""
    except TAR_ERRORS as error:
        raise DefinitionError(
            "not-bundle", f"not a readable tar archive: {error}", french="archive tar qui ne peut pas être lue"
        ) from error
    return members


def _safe_name(info: tarfile.TarInfo) -> str:
    """The name of a member without a leading `./`; raises `bundle-unsafe` for what must never be unpacked."""
    name = info.name.removeprefix("./")
    if not (info.isreg() or info.isdir()) or info.issparse():
        raise DefinitionError(
            "bundle-unsafe",
            f"the member {info.name!r} is a link, a device or a sparse file",
            french=f"le membre {info.name!r} est un lien, un périphérique ou un fichier à trous",
        )
    if name.startswith("/") or ".." in name.split("/") or "\\" in name or "\0" in name:
        raise DefinitionError(
            "bundle-unsafe",
            f"the member {info.name!r} points outside the archive",
            french=f"le membre {info.name!r} mène hors de l'archive",
        )
    return name


def _manifest(members: dict[str, bytes]) -> dict[str, Any]:
    if MANIFEST not in members:
        raise DefinitionError("not-bundle", f"no {MANIFEST} in the archive", french=f"l'archive n'a pas de {MANIFEST}")
    try:
        manifest = json.loads(members[MANIFEST])
    except (ValueError, RecursionError) as error:
        place = f" (ligne {error.lineno}, colonne {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise DefinitionError(
            "not-bundle", f"{MANIFEST} is not JSON: {error}", french=f"{MANIFEST} n'est pas du JSON{place}"
        ) from error
    if not isinstance(manifest, dict):
        raise DefinitionError(
            "not-bundle", f"{MANIFEST} is not a JSON object", french=f"{MANIFEST} n'est pas un objet JSON"
        )
    return manifest

"""Bytes of a path, never more than allowed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import DefinitionError
from .faults import system_fault

TAR_MAGICS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes; raises DefinitionError `unreadable` or `too-big`."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise DefinitionError(
                "unreadable", "not a regular file", str(path), french="ce n'est pas un fichier ordinaire"
            )
        if status.st_size > limit:
            raise DefinitionError(
                "too-big",
                f"{status.st_size} bytes: more than the {limit} allowed",
                str(path),
                french=f"{status.st_size} octets, plus que les {limit} permis",
            )
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DefinitionError(
            "unreadable", f"cannot be read: {reason}", str(path), french=system_fault(error)
        ) from error
    if len(raw) > limit:  # it grew meanwhile
        raise DefinitionError(
            "too-big", f"more than the {limit} bytes allowed", str(path), french=f"plus que les {limit} octets permis"
        )
    return raw


def is_tar(raw: bytes) -> bool:
    """Tell a tar archive, compressed or not, by its first bytes."""
    return raw.startswith(TAR_MAGICS) or raw[257:262] == b"ustar"


def looks_like_xml(raw: bytes) -> bool:
    """Tell whether bytes may be XML: the first mark is `<`, in UTF-8 or UTF-16."""
    start = raw[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    return start.startswith(b"<")

"""The result as a zip that the page carries itself, signed and bound to its session: the server keeps nothing."""

from __future__ import annotations

import base64
import binascii
import datetime
import io
import re
import zipfile
from collections.abc import Mapping

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

VALID_FOR = datetime.timedelta(hours=8)
# A form field may weigh a megabyte in all (``DATA_UPLOAD_MAX_MEMORY_SIZE``), and base64 adds a third.
MOST_BYTES = 700_000
STAMP = (1980, 1, 1, 0, 0, 0)


class TooBig(Exception):
    """The result does not fit into the page: use the command ``wcs make-bookable``."""


class NotOurs(Exception):
    """The package was changed, is too old, or comes from another session."""


def pack(request: HttpRequest, files: Mapping[str, bytes]) -> str:
    """The files as text for a hidden field of this session's page. Raises :class:`TooBig`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    raw = target.getvalue()
    if len(raw) > MOST_BYTES:
        raise TooBig
    return _signer(request).sign(base64.urlsafe_b64encode(raw).decode())


def unpack(request: HttpRequest, text: str) -> bytes:
    """The zip. Raises :class:`NotOurs`."""
    try:
        return base64.urlsafe_b64decode(_signer(request).unsign(text, max_age=VALID_FOR))
    except (BadSignature, binascii.Error, ValueError):
        raise NotOurs from None


def zip_name(form: str) -> str:
    """A name for the file that any system takes."""
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", form)[:80].strip("-")
    return f"{slug or 'demarche'}-reservable.zip"


def _signer(request: HttpRequest) -> TimestampSigner:
    return TimestampSigner(salt=f"manager.studio:{request.user.pk}:{request.session.session_key}")

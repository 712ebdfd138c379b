"""The public door of the app: who calls us, and what we ask of w.c.s."""

from __future__ import annotations

import datetime

from django.conf import settings

from adapter.wcs.nonces import first_use, prune_nonces
from adapter.wcs.signature import SignatureRefused, sign_url, verify_query

__all__ = ["SignatureRefused", "prune_nonces", "sign_url", "verify_request"]


def verify_request(raw_query: str, *, now: datetime.datetime) -> str:
    """The ``orig`` of the known service that signed this query string. Raises :class:`SignatureRefused`."""
    return verify_query(
        raw_query,
        settings.KNOWN_SERVICES.secret_for_orig,
        now=now,
        first_use=lambda orig, nonce: first_use(orig, nonce, now=now),
    )

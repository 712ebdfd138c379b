"""The public door of the app: who calls us, and what we ask of w.c.s."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings

from adapter.wcs.callers import claimed_orig, note_accepted, note_refused
from adapter.wcs.client import Reply, UnknownAddress, WcsUnreachable, call
from adapter.wcs.diagnosis import DiagnosisLine, State, diagnose
from adapter.wcs.errors import WcsError
from adapter.wcs.forms import (
    AgentIdentity,
    Draft,
    DraftRequest,
    FormChoice,
    FormField,
    FormSchema,
    create_draft,
    form_schema,
    forms_for_agent,
)
from adapter.wcs.nonces import first_use, prune_nonces
from adapter.wcs.signature import SignatureRefused, query_parameters, sign_url, verify_query

__all__ = [
    "AgentIdentity",
    "DiagnosisLine",
    "Draft",
    "DraftRequest",
    "FormChoice",
    "FormField",
    "FormSchema",
    "Reply",
    "SignatureRefused",
    "State",
    "UnknownAddress",
    "WcsError",
    "WcsUnreachable",
    "call_hook",
    "create_draft",
    "diagnose",
    "form_schema",
    "forms_for_agent",
    "prune_nonces",
    "query_parameters",
    "sign_url",
    "verify_request",
]

# Seconds. w.c.s. answers after it has run the actions of the hook.
HOOK_TIMEOUT = 28.0


def verify_request(raw_query: str, *, now: datetime.datetime) -> str:
    """The ``orig`` of the known service that signed this query string. Raises :class:`SignatureRefused`."""
    secret_for_orig = settings.KNOWN_SERVICES.secret_for_orig
    try:
        orig = verify_query(
            raw_query,
            secret_for_orig,
            now=now,
            first_use=lambda orig, nonce: first_use(orig, nonce, now=now),
        )
    except SignatureRefused as refusal:
        claimed = claimed_orig(raw_query)
        if secret_for_orig(claimed):
            note_refused(claimed, refusal.reason, now=now)
        raise
    note_accepted(orig, now=now)
    return orig


def call_hook(url: str, payload: dict[str, Any]) -> Reply:
    """Trigger a hook of a record (wcs-runtime §8): signed POST of ``payload`` as JSON.

    Raises ``UnknownAddress`` for an address that is not of a known service, ``WcsUnreachable`` without an answer.
    """
    return call("POST", url, body=payload, timeout=HOOK_TIMEOUT)

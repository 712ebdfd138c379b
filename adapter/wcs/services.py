"""The public door of the app: who calls us, and what we ask of w.c.s."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
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
from adapter.wcs.nonces import prune_nonces, use_nonce
from adapter.wcs.signature import NONCE_USED, SignatureRefused, query_parameters, sign_url, signed_at, verify_query

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
    "Verified",
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


@dataclass(slots=True)
class Verified:
    """A call with a good signature of the known service ``orig``, made at ``signed_at`` by that service's clock.

    Nothing may be written or answered for it before :meth:`settle`.
    """

    orig: str
    signed_at: datetime.datetime
    now: datetime.datetime
    nonce_was_new: Callable[[], bool] | None

    def settle(self) -> None:
        """Make sure that it is no repeat of a call. Raises :class:`SignatureRefused`."""
        if self.nonce_was_new is not None and not self.nonce_was_new():
            note_refused(self.orig, NONCE_USED, now=self.now)
            raise SignatureRefused(NONCE_USED)
        note_accepted(self.orig, now=self.now)


def verify_request(raw_query: str, *, now: datetime.datetime) -> Verified:
    """Who signed this query string. Raises :class:`SignatureRefused`; so may :meth:`Verified.settle`."""
    secret_for_orig = settings.KNOWN_SERVICES.secret_for_orig
    used: list[Callable[[], bool]] = []

    def first_use(orig: str, nonce: str) -> bool:
        # Whether it was, is asked later: there is something to do while Redis answers.
        used.append(use_nonce(orig, nonce, now=now))
        return True

    try:
        orig = verify_query(raw_query, secret_for_orig, now=now, first_use=first_use)
    except SignatureRefused as refusal:
        claimed = claimed_orig(raw_query)
        if secret_for_orig(claimed):
            note_refused(claimed, refusal.reason, now=now)
        raise
    return Verified(orig, signed_at(raw_query), now, used[0] if used else None)


def call_hook(url: str, payload: dict[str, Any]) -> Reply:
    """Trigger a hook of a record (wcs-runtime §8): signed POST of ``payload`` as JSON.

    Raises ``UnknownAddress`` for an address that is not of a known service, ``WcsUnreachable`` without an answer.
    """
    return call("POST", url, body=payload, timeout=HOOK_TIMEOUT)

"""One call: who calls, when, with which parameters and body."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from adapter.agendas.services import Actor
from adapter.api.budgets import check_budget
from adapter.api.reading.body import read_body
from adapter.api.reading.fields import Fields
from adapter.wcs.services import Verified, query_parameters


@dataclass
class Call:
    """``verified`` tells who calls, ``None`` for an anonymous read; ``path`` holds what the address named."""

    request: HttpRequest
    verified: Verified | None
    now: datetime.datetime
    path: dict[str, Any]
    settled: bool = False

    def settle(self) -> None:
        """Make sure that the call may be answered: it is no repeat, and within the caller's budget.

        Before that nothing may be written or answered for it; only the first time there is anything to do. Raises
        :class:`SignatureRefused`, and ``BadCall`` 429.
        """
        if not self.settled:
            self.settled = True
            if self.verified:
                self.verified.settle()
            check_budget(self.request, self.service)

    @property
    def service(self) -> str:
        """The caller's ``orig``, empty for an anonymous read."""
        return self.verified.orig if self.verified else ""

    @property
    def asked_at(self) -> datetime.datetime | None:
        """When the caller signed, by its own clock: calls of one record are carried out in that order."""
        return self.verified.signed_at if self.verified else None

    @property
    def actor(self) -> Actor:
        """The caller, for the audit log."""
        return Actor.service(self.service)

    @property
    def signed(self) -> bool:
        """Whether a known service calls."""
        return bool(self.service)

    @cached_property
    def query(self) -> Fields:
        """Parameters of the address; the last of repeated ones counts.

        Read as the signature reads them: there is one opinion on what was asked.
        """
        given = query_parameters(self.request.META.get("QUERY_STRING", ""))
        return Fields({name: values[-1] for name, values in given.items()})

    @cached_property
    def body(self) -> Fields:
        """Keys of the body. Raises ``BadCall`` when it cannot be read."""
        return Fields(read_body(self.request))

"""How many calls a minute one caller of the webservices may make."""

from __future__ import annotations

from django.conf import settings
from django.dispatch import Signal
from django.http import HttpRequest

from adapter.api.answers import BadCall
from adapter.budgets import client_address, spend

# Sent with ``budget`` when a call is refused.
call_limited = Signal()


def check_budget(request: HttpRequest, service: str) -> None:
    """Count a call of ``service`` (its ``orig``), or of an address when it is not signed. Raises ``BadCall`` 429."""
    if service:
        budget, wait = "calls", spend("calls", service, settings.CALLS_PER_MINUTE_MAX)
    else:
        budget = "anonymous"
        wait = spend(budget, client_address(request), settings.ANONYMOUS_CALLS_PER_MINUTE_MAX)
    if wait:
        call_limited.send(None, budget=budget)
        raise BadCall(429, "too many calls, please wait", {"Retry-After": str(wait)}, err_code="too-many-calls")

"""How many calls a minute one caller of the webservices may make."""

from __future__ import annotations

from django.conf import settings
from django.dispatch import Signal
from django.http import HttpRequest

from adapter.api.answers import BadCall
from adapter.budgets import client_network, spend

# Sent with ``budget`` when a call is refused.
call_limited = Signal()


def check_budget(request: HttpRequest, service: str) -> None:
    """Count a call of ``service`` (its ``orig``), or of an address when it is not signed. Raises ``BadCall`` 429."""
    if service:
        budget, wait = "calls", spend("calls", service, settings.CALLS_PER_MINUTE_MAX)
    else:
        budget = "anonymous"
        wait = spend(budget, client_network(request), settings.ANONYMOUS_CALLS_PER_MINUTE_MAX)
    _refuse_beyond(budget, wait)


def check_refused(request: HttpRequest) -> None:
    """Count a call whose signature is refused, for the network it came from. Raises ``BadCall`` 429."""
    wait = spend("refused", client_network(request), settings.REFUSED_CALLS_PER_MINUTE_MAX)
    _refuse_beyond("refused", wait)


def _refuse_beyond(budget: str, wait: int) -> None:
    if wait:
        call_limited.send(None, budget=budget)
        raise BadCall(429, "too many calls, please wait", {"Retry-After": str(wait)}, err_code="too-many-calls")

"""From an address to its operation: method, signature, errors. The only place where exceptions become answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from adapter.agendas.errors import AgendaError
from adapter.api.answers import BadCall, database_refusal, error_content, json_answer, refusal
from adapter.api.budgets import check_refused
from adapter.api.calls import Call
from adapter.charsets import names_odd_charset
from adapter.clock import now, real_now
from adapter.wcs.services import SignatureRefused, query_parameters, verify_request

logger = structlog.get_logger("adapter.api")

Handler = Callable[..., HttpResponse]
# All that a call without signature may ask. A parameter that is not named here needs a signature: most are about a
# person, a lock, or what is not shown to everybody.
ANYBODY_MAY_ASK = frozenset(
    {"q", "category", "kind", "with_open_events", "date_start", "date_end", "hide_disabled", "resources"}
)


@dataclass(frozen=True)
class Operation:
    """What one method of one address does; everything but ``handler`` is for the OpenAPI document.

    ``public`` reads need no signature when ``PUBLIC_AVAILABILITY`` is on, and must name no person, role or desk to
    unsigned calls. Where the handler has something to do before
    :meth:`Call.settle` it ``settles`` signed calls itself; else that comes first. ``body`` and ``answer`` name schemas;
    an operation without ``answer`` gives an iCalendar file. With ``any_body`` a body that cannot be read is no error.
    """

    handler: Handler
    summary: str
    tag: str
    public: bool = False
    settles: bool = False
    query: tuple[dict[str, Any], ...] = ()
    body: str = ""
    any_body: bool = False
    answer: str = ""


@dataclass(frozen=True)
class Route:
    """An address below ``/api/`` and its operations by method."""

    address: str
    name: str
    operations: Mapping[str, Operation]

    def pattern(self) -> URLPattern:
        """For Django."""
        return path(self.address, csrf_exempt(self._answer), name=self.name)

    def _answer(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else request.method or ""
        operation = self.operations.get(method)
        if operation is None:
            allowed = ", ".join(sorted({*self.operations, *({"HEAD"} if "GET" in self.operations else set())}))
            answer = json_answer(error_content("method not allowed"), 405)
            answer["Allow"] = allowed
            return answer
        return answer_safely(lambda: _answered(operation, _call(request, operation, arguments), arguments))


def answer_safely(work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``work``, or of what it raises; never a stack trace."""
    try:
        return work()
    except BadCall as error:
        answer = json_answer(error_content(error.err_class, **error.more), error.status)
        for name, value in error.headers.items():
            answer[name] = value
        return answer
    except SignatureRefused as error:
        return json_answer({**error_content("access denied"), "err_desc": error.reason}, 403)
    except AgendaError as error:
        return refusal(error)
    except Exception as error:
        refused = database_refusal(error)
        if refused is not None:
            logger.warning("database_unavailable", error=type(error).__name__)
            return refusal(refused)
        logger.exception("call_failed")
        return json_answer(error_content("internal error"), 500)


def _answered(operation: Operation, call: Call, arguments: dict[str, Any]) -> HttpResponse:
    try:
        if not (operation.settles and call.signed):
            if operation.body and not operation.any_body:
                # Read before, because Redis is asked meanwhile.
                _body = call.body
            call.settle()
        return operation.handler(call, **arguments)
    finally:
        # Whatever went wrong: who repeats a call is told that, and nothing else.
        call.settle()


def _call(request: HttpRequest, operation: Operation, arguments: dict[str, Any]) -> Call:
    if names_odd_charset(request):
        raise BadCall(400, "unknown charset")
    moment = now()
    raw = request.META.get("QUERY_STRING", "")
    if operation.public and settings.PUBLIC_AVAILABILITY:
        parameters = query_parameters(raw)
        if "signature" not in parameters:
            unknown = sorted(parameters.keys() - ANYBODY_MAY_ASK)
            if not unknown:
                return Call(request, None, moment, arguments)
            raise SignatureRefused(f"A call with {unknown[0][:40]!r} must be signed.")
    try:
        verified = verify_request(raw, now=real_now())
    except SignatureRefused:
        check_refused(request)
        raise
    return Call(request, verified, moment, arguments)

"""The document itself."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings

from adapter.api.openapi.schemas import SCHEMAS, reference
from adapter.api.routing import Operation, Route

DESCRIPTION = """\
Webservices for w.c.s. (Publik): agendas, free slots, holds and bookings.

**Errors.** Every JSON answer has `err`: 0, or at least 1 with `err_class` (stable English), `err_desc` and `reason`.
A business refusal, such as a slot that was taken, is HTTP 200; a malformed call 400; a bad signature 403; an unknown
agenda, meeting type or booking 404.

**Signature.** Every call is signed in its query: `orig`, `algo`, `timestamp` (UTC, within 30 seconds), `nonce`, and
last `signature`, the HMAC of the query before it.

**Holding and booking.** `fillslot` with a `lock_code` holds a slot for some minutes; the same call with
`confirm_after_lock` books it. Both may be repeated: a hold is one per code and slot, a booking one per code, slot and
record (`backoffice_url`, else `form_url`). `outcome` tells what happened.

**Values** may be strings wherever w.c.s. makes them from templates (`"true"`, `"2"`, `""`); unknown keys are kept with
the booking. Times are local to the platform.
"""
PARAMETER = re.compile(r"<(\w+):(\w+)>")
PATH_TYPES = {
    "int": {"type": "integer", "minimum": 1},
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "str": {"type": "string", "minLength": 1},
    "path": {"type": "string", "minLength": 1},
}
CALENDAR = "text/calendar"


def build_document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """OpenAPI 3.1 of ``routes``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "w.c.s. booking adapter", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": settings.BASE_URL.rstrip("/")}],
        "paths": {_address(route): _path(route) for route in routes},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "publik": {
                    "type": "apiKey",
                    "in": "query",
                    "name": "signature",
                    "description": "Publik's URL signature over the whole query string.",
                }
            },
        },
        "security": [{"publik": []}],
    }


def _address(route: Route) -> str:
    return "/api/" + PARAMETER.sub(lambda match: f"{{{match[2]}}}", route.address)


def _path(route: Route) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": PATH_TYPES[kind]}
        for kind, name in PARAMETER.findall(route.address)
    ]
    return {
        **({"parameters": parameters} if parameters else {}),
        **{method.lower(): _operation(route, method, item) for method, item in route.operations.items()},
    }


def _operation(route: Route, method: str, operation: Operation) -> dict[str, Any]:
    if operation.answer:
        content: dict[str, Any] = {"application/json": {"schema": reference(operation.answer)}}
    else:
        content = {CALENDAR: {"schema": {"type": "string"}}, "application/json": {"schema": reference("Refusal")}}
    refused = {"application/json": {"schema": reference("Refusal")}}
    answers = {"200": {"description": "Done, or refused with `err` of at least 1.", "content": content}}
    for status, description in _REFUSALS.items():
        if status == "413" and not operation.body:
            continue
        answers[status] = {"description": description, "content": refused}
    found: dict[str, Any] = {
        "operationId": f"{method.lower()}_{route.name.replace('-', '_')}",
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": answers,
    }
    if operation.query:
        found["parameters"] = [{"in": "query", "required": False, **parameter} for parameter in operation.query]
    if operation.body:
        body = {"application/json": {"schema": reference(operation.body)}}
        found["requestBody"] = {"required": False, "content": body}
    return found


_REFUSALS = {
    "400": "The call is malformed; `errors` names the fields.",
    "403": "The signature is missing or wrong.",
    "404": "Unknown agenda, meeting type or booking.",
    "405": "This address does not know that method.",
    "413": "The body is longer than 1 MiB.",
    "429": "The caller made too many calls in this minute; `Retry-After` says how many seconds to wait.",
    "503": "For now; repeat the call. `busy`: nothing was changed; `interrupted`: it may have been carried out.",
}

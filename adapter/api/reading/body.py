"""The body of a call: a JSON object, or a form."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError

from adapter.api.answers import BadCall

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Keys and values; an empty body has none. Whatever is not a form is read as JSON, as w.c.s. labels it loosely.

    Raises :class:`BadCall`: 400 when it is neither, 413 above 1 MiB.
    """
    too_long = BadCall(413, "the body is longer than 1 MiB")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise BadCall(400, "invalid Content-Length") from None
    if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise too_long
    try:
        if request.content_type in FORMS:
            return _form(request)
        content = request.body
    except RequestDataTooBig:
        raise too_long from None
    except (TooManyFieldsSent, MultiPartParserError, BadRequest, UnicodeDecodeError, LookupError):
        raise BadCall(400, "the form in the body cannot be read") from None
    except (UnreadablePostError, RawPostDataException):
        raise BadCall(400, "the body cannot be read") from None
    return _json(content)


def _form(request: HttpRequest) -> dict[str, Any]:
    if request.method == "POST":
        values = request.POST
    else:
        from django.http import QueryDict

        values = QueryDict(request.body, encoding=request.encoding)
    # A repeated key is a list, as browsers send several choices.
    return {name: items[0] if len(items) == 1 else items for name, items in values.lists()}


def _json(content: bytes) -> dict[str, Any]:
    if not content.strip():
        return {}
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadCall(400, f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    if not isinstance(values, dict):
        raise BadCall(400, "the body is not a JSON object")
    return values

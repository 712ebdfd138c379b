"""Answers to what goes wrong before or around a view: JSON for programs, Django's pages for people."""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from adapter.api.answers import database_refusal, error_content, json_answer, refusal

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception, *args: Any, **kwargs: Any) -> HttpResponse:
    """400."""
    if request.path.startswith(API):
        return json_answer(error_content("bad request"), 400)
    return defaults.bad_request(request, exception, *args, **kwargs)


def permission_denied(request: HttpRequest, exception: Exception, *args: Any, **kwargs: Any) -> HttpResponse:
    """403."""
    if request.path.startswith(API):
        return json_answer(error_content("access denied"), 403)
    return defaults.permission_denied(request, exception, *args, **kwargs)


def not_found(request: HttpRequest, exception: Exception, *args: Any, **kwargs: Any) -> HttpResponse:
    """404."""
    if request.path.startswith(API):
        return json_answer(error_content("unknown address"), 404)
    return defaults.page_not_found(request, exception, *args, **kwargs)


def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """500; 503 when it is the database that is away, or only reads: that passes."""
    refused = database_refusal(sys.exc_info()[1])
    if request.path.startswith(API):
        answer = refusal(refused) if refused else json_answer(error_content("internal error"), 500)
    else:
        answer = defaults.server_error(request, *args, **kwargs)
    if refused:
        answer.status_code = 503
        answer["Retry-After"] = "1"
    return answer

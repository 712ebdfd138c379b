"""Addresses of the app."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from adapter.api.answers import error_content, json_answer
from adapter.api.openapi.views import documentation, openapi_document
from adapter.api.routes import ROUTES, UNCHOSEN


@csrf_exempt
def unknown_address(request: HttpRequest, **_: str) -> HttpResponse:
    """JSON for every other address."""
    hint = "" if request.path.endswith("/") else ": addresses end with /"
    return json_answer(error_content(f"unknown address{hint}"), 404)


# Addresses are tried one after the other: those of nearly all calls go first. No two of them match the same address.
CALLED_MOST = ("datetimes", "fillslot", "booking-cancel")

urlpatterns = [
    *(route.pattern() for route in ROUTES if route.name in CALLED_MOST),
    path("docs/", documentation, name="api-docs"),
    path("openapi.json", openapi_document, name="openapi"),
    *(route.pattern() for route in (*ROUTES, *UNCHOSEN) if route.name not in CALLED_MOST),
    re_path(r"^.*$", unknown_address),
]

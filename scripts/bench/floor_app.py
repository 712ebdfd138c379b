"""The least that Django views cost: of an answer as long as a list of slots, and of a hold that knows no rule."""

import json
import os
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from scripts.bench.limits import Inserts

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    LOGGING_CONFIG=None,
)


@lru_cache(maxsize=1)
def answer() -> Any:
    """The list, read once."""
    with open(os.environ["FLOOR_ANSWER"], encoding="utf-8") as file:
        return json.load(file)


@lru_cache(maxsize=1)
def answer_bytes() -> bytes:
    """The same, written once."""
    return json.dumps(answer()).encode()


@lru_cache(maxsize=1)
def inserts() -> Inserts:
    """A connection for each process."""
    return Inserts(os.environ["DATABASE_URL"])


def dumped(request: HttpRequest) -> HttpResponse:
    """``json.dumps`` of the same answer, each time."""
    return HttpResponse(json.dumps(answer()), content_type="application/json")


def ready(request: HttpRequest) -> HttpResponse:
    """The same answer as bytes that are there already."""
    return HttpResponse(answer_bytes(), content_type="application/json")


def hold(request: HttpRequest) -> HttpResponse:
    """What the body says is read, and one row is inserted."""
    json.loads(request.body)
    return HttpResponse(json.dumps({"err": 0, "booking_id": inserts().one()}), content_type="application/json")


urlpatterns = [path("dumped", dumped), path("ready", ready), path("hold", hold)]
application = get_wsgi_application()

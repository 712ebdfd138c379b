"""The least that a Django view of the same size costs: what the list of slots is measured against."""

import json
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[],
    MIDDLEWARE=[],
    LOGGING_CONFIG=None,
)
with open(os.environ["FLOOR_ANSWER"], encoding="utf-8") as file:
    ANSWER = json.load(file)
BYTES = json.dumps(ANSWER).encode()


def dumped(request: HttpRequest) -> HttpResponse:
    """``json.dumps`` of the same answer, each time."""
    return HttpResponse(json.dumps(ANSWER), content_type="application/json")


def ready(request: HttpRequest) -> HttpResponse:
    """The same answer as bytes that are there already."""
    return HttpResponse(BYTES, content_type="application/json")


urlpatterns = [path("dumped", dumped), path("ready", ready)]
application = get_wsgi_application()

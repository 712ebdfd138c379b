"""The least that a hold over HTTP costs with Django: a bare view that inserts a row and knows no rule."""

import json
import os

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
_kept: list[Inserts] = []


def hold(request: HttpRequest) -> HttpResponse:
    """What the body says is read, and nothing is done with it."""
    if not _kept:
        _kept.append(Inserts(os.environ["DATABASE_URL"]))
    json.loads(request.body)
    return HttpResponse(json.dumps({"err": 0, "booking_id": _kept[0].one()}), content_type="application/json")


def healthz(request: HttpRequest) -> HttpResponse:
    """It runs."""
    return HttpResponse("ok")


urlpatterns = [path("hold", hold), path("healthz", healthz)]
application = get_wsgi_application()

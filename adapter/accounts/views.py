"""To the identity provider and back."""

from __future__ import annotations

import secrets

import structlog
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from adapter.accounts.configuration import OpenIdConnect
from adapter.accounts.errors import LoginRefused, ProviderUnavailable
from adapter.accounts.services import account_for_claims
from adapter.manager.views.common import absolute, inner_path

logger = structlog.get_logger("adapter.accounts")

NEXT = "openid-next"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Send the agent to the provider; ``next`` is where they want to be afterwards, a path of ours."""
    configuration = _configured()
    from adapter.accounts.provider import send_to_provider

    request.session[NEXT] = inner_path(request, "next", "")
    try:
        return send_to_provider(configuration, request, absolute(reverse("openid-callback")))
    except LoginRefused as refusal:
        return _refused(request, refusal)


@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """The agent comes back from the provider: log them in, or say that it could not be done."""
    configuration = _configured()
    from adapter.accounts.provider import claims_from

    target = request.session.pop(NEXT, "") or resolve_url(settings.LOGIN_REDIRECT_URL)
    try:
        user = account_for_claims(configuration, claims_from(configuration, request))
        if not user.is_active:
            raise LoginRefused("inactive account")
    except LoginRefused as refusal:
        return _refused(request, refusal)
    login(request, user, backend=BACKEND)
    request.session.set_expiry(configuration.session_hours * 3600)
    return HttpResponseRedirect(target)


def _configured() -> OpenIdConnect:
    configuration: OpenIdConnect | None = settings.OPENID_CONNECT
    if configuration is None:
        raise Http404
    return configuration


def _refused(request: HttpRequest, refusal: LoginRefused) -> HttpResponse:
    reference = secrets.token_hex(4)
    logger.warning("login_refused", reason=str(refusal), reference=reference)
    unavailable = isinstance(refusal, ProviderUnavailable)
    context = {"reference": reference, "unavailable": unavailable}
    return render(request, "accounts/refused.html", context, status=503 if unavailable else 403)

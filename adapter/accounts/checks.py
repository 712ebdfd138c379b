"""System checks of the log-in by OpenID Connect."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("adapter", deploy=True)
def provider_over_tls(**_: Any) -> list[CheckMessage]:
    """``manage.py check --deploy``: who can change what the provider says can be anybody here."""
    if settings.OPENID_CONNECT is None or settings.OPENID_CONNECT.issuer.startswith("https://"):
        return []
    return [
        Error(
            "OIDC_ISSUER does not start with https://.",
            hint="Use the TLS address of the identity provider.",
            id="adapter.E006",
        )
    ]

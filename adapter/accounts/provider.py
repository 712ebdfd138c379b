"""The conversation with the identity provider (authorization code, PKCE, signed ID token), by Authlib.

Authlib takes 30 MiB: this module is imported where agents log in through a provider, and only then.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import requests
import structlog
from authlib.integrations.django_client import DjangoOAuth2App, OAuth, OAuthError
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from adapter.accounts.configuration import OpenIdConnect
from adapter.accounts.errors import LoginRefused, ProviderUnavailable

logger = structlog.get_logger("adapter.accounts")

# Seconds.
TIMEOUT = 5
LEEWAY = 60
METADATA_KEPT = 3600
DISCOVERY = ".well-known/openid-configuration"
# Signatures that only the provider can make. Others, "none" above all, are refused whatever the provider announces.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})


def send_to_provider(configuration: OpenIdConnect, request: HttpRequest, callback: str) -> HttpResponse:
    """Redirect to the provider, which sends the agent back to ``callback`` (absolute). Raises ``LoginRefused``."""
    try:
        answer: HttpResponse = _provider(configuration).authorize_redirect(request, callback)
    except (requests.RequestException, OAuthError, ValueError, RuntimeError) as error:
        raise ProviderUnavailable(type(error).__name__) from None
    return answer


def claims_from(configuration: OpenIdConnect, request: HttpRequest) -> dict[str, Any]:
    """What the provider says about the agent who comes back, ``sub`` included. Raises ``LoginRefused``.

    The ID token is checked (signature, issuer, audience, dates, nonce); what the user info endpoint adds counts only
    for the same ``sub``.
    """
    options = {
        "iss": {"essential": True, "value": configuration.issuer},
        "aud": {"essential": True, "value": configuration.client_id},
    }
    try:
        provider = _provider(configuration)
        token = provider.authorize_access_token(request, claims_options=options, leeway=LEEWAY)
        signed = token.get("userinfo")
        if not signed or not isinstance(signed.get("sub"), str) or not 0 < len(signed["sub"]) <= 255:
            raise LoginRefused("no usable ID token")
        if not provider.server_metadata.get("userinfo_endpoint"):
            return dict(signed)
        more = provider.userinfo(token=token)
    except requests.RequestException as error:
        raise ProviderUnavailable(type(error).__name__) from None
    except (OAuthError, JoseError) as error:
        raise LoginRefused(str(getattr(error, "error", "")) or type(error).__name__) from None
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        # What a provider sends that is not what the standard says: the library stumbles over it in many ways.
        raise ProviderUnavailable(type(error).__name__) from None
    if more.get("sub") != signed["sub"]:
        raise LoginRefused("user info of somebody else")
    return {**more, **signed}


def _provider(configuration: OpenIdConnect) -> DjangoOAuth2App:
    """The provider, with its metadata and keys; these are asked for anew each hour."""
    provider = _known_provider(configuration, int(time.time() // METADATA_KEPT))
    metadata = provider.load_server_metadata()
    if metadata.get("issuer") != configuration.issuer:
        _known_provider.cache_clear()
        raise ProviderUnavailable("metadata of another issuer")
    announced = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in announced if name in ALGORITHMS]
    return provider


@lru_cache(maxsize=2)
def _known_provider(configuration: OpenIdConnect, _hour: int) -> DjangoOAuth2App:
    return OAuth().register(
        "openid",
        client_id=configuration.client_id,
        client_secret=configuration.client_secret,
        server_metadata_url=f"{configuration.issuer.rstrip('/')}/{DISCOVERY}",
        client_kwargs={
            "scope": " ".join(configuration.scopes),
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )

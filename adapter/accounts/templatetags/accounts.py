"""What the log-in page needs to know."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.simple_tag
def openid_login_url(next_path: str = "") -> str:
    """Where the log-in by OpenID Connect begins; empty when there is none."""
    if settings.OPENID_CONNECT is None:
        return ""
    address = reverse("openid-login")
    return f"{address}?{urlencode({'next': next_path})}" if next_path else address

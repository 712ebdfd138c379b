"""Settings of the log-in by OpenID Connect, read from the environment and checked together."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from adapter.settings.env import Environment


@dataclass(frozen=True, slots=True)
class OpenIdConnect:
    """How to ask the identity provider, and what its claims mean here.

    ``role_groups`` are (role, group) pairs; without any, a role gives the group of the same name. An empty
    ``roles_claim``: groups are managed here. An empty ``admin_role``: superusers are made here. ``session_hours``:
    an agent must then log in again, which takes away the roles that the provider has withdrawn.
    ``email_trusted``: an e-mail address of which the provider does not say whether it was verified counts as verified.
    """

    issuer: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_id_claim: str = "sub"
    roles_claim: str = "roles"
    role_groups: tuple[tuple[str, str], ...] = ()
    admin_role: str = ""
    session_hours: int = 12
    email_trusted: bool = False

    def __repr__(self) -> str:
        return f"OpenIdConnect({self.issuer!r}, {self.client_id!r})"


def read_openid_connect(env: Environment) -> OpenIdConnect | None:
    """The settings ``OIDC_…``; ``None`` (log-in by password only) without ``OIDC_ISSUER``.

    Raises ``ImproperlyConfigured`` with the name of a bad or missing one.
    """
    issuer = env.url("OIDC_ISSUER", None, schemes=("https", "http"))
    client_id, client_secret = env.text("OIDC_CLIENT_ID"), env.text("OIDC_CLIENT_SECRET")
    scopes = env.words("OIDC_SCOPES", ["openid", "profile", "email"])
    found = OpenIdConnect(
        issuer=issuer or "",
        client_id=client_id,
        client_secret=client_secret,
        scopes=tuple(scopes),
        name_id_claim=env.text("OIDC_NAME_ID_CLAIM", "sub"),
        roles_claim=env.text("OIDC_ROLES_CLAIM", "roles"),
        role_groups=env.parsed("OIDC_ROLE_GROUPS", "{}", parse_role_groups),
        admin_role=env.text("OIDC_ADMIN_ROLE"),
        email_trusted=env.boolean("OIDC_EMAIL_TRUSTED"),
        session_hours=env.integer("OIDC_SESSION_HOURS", 12, minimum=1, maximum=336),
    )
    if not issuer:
        return None
    for name, value in (("OIDC_CLIENT_ID", client_id), ("OIDC_CLIENT_SECRET", client_secret)):
        if not value:
            raise ImproperlyConfigured(f"{name}: needed because OIDC_ISSUER is set.")
    if "openid" not in scopes:
        raise ImproperlyConfigured("OIDC_SCOPES: must contain openid.")
    return found


def parse_role_groups(value: str) -> tuple[tuple[str, str], ...]:
    """Read ``{"role": "group"}`` or ``{"role": ["group", …]}``. Raises ``ValueError`` with a sentence."""
    try:
        content = json.loads(value or "{}")
    except json.JSONDecodeError as error:
        raise ValueError(f"not a JSON object ({error.msg}, line {error.lineno}).") from None
    if not isinstance(content, dict):
        raise ValueError("not a JSON object.")
    pairs = []
    for role, groups in content.items():
        for group in groups if isinstance(groups, list) else [groups]:
            if not isinstance(group, str) or not 0 < len(group) <= 150:
                raise ValueError(f"{role}: not the name of a group.")
            pairs.append((role, group))
    return tuple(pairs)

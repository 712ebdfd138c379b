"""The public door of the app: the account of the person whom the provider names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from adapter.accounts.configuration import OpenIdConnect
from adapter.accounts.models import OpenIdIdentity
from adapter.accounts.names import is_a_service
from adapter.manager.models import AgentProfile

__all__ = ["account_for_claims"]

logger = structlog.get_logger("adapter.accounts")
LONGEST_NAME = 150


def account_for_claims(configuration: OpenIdConnect, claims: Mapping[str, Any]) -> User:
    """The account of ``claims["sub"]``, made at the first log-in, with the names, address and roles of now.

    A person is known by issuer and subject alone: an account of the same user name or e-mail address is never taken
    over. The account may be inactive; it is for the caller to refuse it.
    """
    try:
        with transaction.atomic():
            return _updated(configuration, claims)
    except IntegrityError:
        # Two first log-ins at once: the other one made the account, or took the name.
        with transaction.atomic():
            return _updated(configuration, claims)


def _updated(configuration: OpenIdConnect, claims: Mapping[str, Any]) -> User:
    user = _found_or_made(configuration.issuer, claims)
    user.first_name = _text(claims, "given_name")
    user.last_name = _text(claims, "family_name")
    # w.c.s. may know agents by this address: one that is not proven to be theirs could be a colleague's.
    user.email = _text(claims, "email") if claims.get("email_verified", configuration.email_trusted) is True else ""
    roles = _roles(claims.get(configuration.roles_claim)) if configuration.roles_claim else None
    if roles is not None and configuration.admin_role:
        user.is_superuser = configuration.admin_role in roles
    user.save()
    if roles is not None:
        _give_groups(user, roles, configuration.role_groups)
    name_id = _text(claims, configuration.name_id_claim)
    AgentProfile.objects.update_or_create(user=user, defaults={"name_id": name_id})
    return user


def _found_or_made(issuer: str, claims: Mapping[str, Any]) -> User:
    identity = OpenIdIdentity.objects.select_related("user").filter(issuer=issuer, subject=claims["sub"]).first()
    if identity is not None:
        return identity.user
    user = User(username=_free_username(claims))
    user.set_unusable_password()
    user.save()
    OpenIdIdentity.objects.create(user=user, issuer=issuer, subject=claims["sub"])
    logger.info("account_made", user=user.pk)
    return user


def _free_username(claims: Mapping[str, Any]) -> str:
    """A name that people recognise in the log of locks, with a number when somebody else has it."""
    wanted = _text(claims, "preferred_username") or _text(claims, "email") or claims["sub"][:LONGEST_NAME]
    name, number = wanted, 1
    while is_a_service(name) or get_user_model().objects.filter(username__iexact=name).exists():
        number += 1
        ending = f"-{number}"
        name = wanted[: LONGEST_NAME - len(ending)] + ending
    return name


def _give_groups(user: User, roles: frozenset[str], role_groups: tuple[tuple[str, str], ...]) -> None:
    """Exactly the groups of ``roles``; with a table of groups, only those of the table are given and taken away."""
    if not role_groups:
        user.groups.set(Group.objects.filter(name__in=roles))
        return
    managed = {name: Group.objects.get_or_create(name=name)[0] for _role, name in role_groups}
    granted = {name for role, name in role_groups if role in roles}
    user.groups.add(*(managed[name] for name in granted))
    user.groups.remove(*(group for name, group in managed.items() if name not in granted))


def _roles(claim: Any) -> frozenset[str]:
    """The names of a claim that is a list, or one name; no claim is no role."""
    found = claim if isinstance(claim, list) else [claim]
    return frozenset(item for item in found if isinstance(item, str) and item)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.replace("\0", "").strip()[:LONGEST_NAME] if isinstance(value, str) else ""

"""Filters on users."""

from __future__ import annotations

from typing import Any

from django.template import Library

register = Library()


def _roles(user: Any) -> list[str]:
    found = getattr(user, "roles", None)
    return sorted(found) if isinstance(found, frozenset) else []


@register.filter
def has_role(user: Any, name: Any) -> bool:
    """Whether a user holds the role of that name."""
    return name in _roles(user)


@register.filter
def roles(user: Any) -> list[str]:
    """Names of the roles of a user."""
    return _roles(user)

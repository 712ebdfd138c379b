"""Who holds a lock, as agents know their colleagues."""

from __future__ import annotations

from django.contrib.auth import get_user_model


def names_of(usernames: set[str]) -> dict[str, str]:
    """Full names of agents by user name. One query, none for nobody."""
    known = {name for name in usernames if name}
    if not known:
        return {}
    found = get_user_model().objects.filter(username__in=known)
    return {user.get_username(): user.get_full_name() or user.get_username() for user in found}


def holder_in_words(holder: str, names: dict[str, str]) -> str:
    """``Agnès Guichet (agent)``: the user name too, because locks are looked for by it. A service is its own name."""
    name = names.get(holder, "")
    return f"{name} ({holder})" if name and name != holder else holder

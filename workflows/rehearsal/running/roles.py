"""Who may: roles, functions of the workflow, whoever sent the form, and signed calls (wcs-runtime.md §8.1)."""

from __future__ import annotations

from collections.abc import Iterable

from ..formdata import Formdata
from ..people import Person


def may(by: Iterable[str], record: Formdata, user: Person | None, *, signed: bool = False) -> bool:
    """Whether a user is among the roles and functions; `signed` tells that the call carries a good signature."""
    return any(_is(role, record, user, signed) for role in by)


def _is(role: str, record: Formdata, user: Person | None, signed: bool) -> bool:
    if role == "_submitter":
        # Whoever sent the form, known or not.
        return record.user == user
    if role == "_signed_calls":
        return signed
    if role == "logged-users":
        return signed or user is not None
    if user is None:
        return False
    return bool(user.roles & _given(role, record)) if _given(role, record) else _any(role, user)


def _given(role: str, record: Formdata) -> set[str]:
    """The roles that the form gives to a function; a role is its own."""
    if not role.startswith("_"):
        return {role}
    given = [element for element in record.form.children("roles") if element.get("role_key") == role]
    return {name for element in given for name in (element.text, element.get("slug")) if name}


def _any(role: str, user: Person) -> bool:
    """A function to which the form gives no role is held by every agent here, so that it can be tried."""
    return role.startswith("_") and bool(user.roles)

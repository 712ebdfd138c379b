"""Who fills forms: users with roles and a profile, and their browser sessions (wcs-runtime.md §3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .names import Tree

#: Profile fields of the users made for rehearsals, by their id in prefills (wcs-xml.md §8).
PROFILE = {
    "_first_name": "Camille",
    "_last_name": "Martin",
    "_phone": "0142563789",
    "_street": "Rue de la Paix",
    "_num_house": "12",
    "_num_box": "",
    "_zipcode": "5000",
    "_city": "Namur",
    "_country": "Belgique",
    "_birthdate": "1984-05-17",
    "_niss": "84051712302",
}


class UserNames(Tree):
    """A user in templates: printed as a name, with `roles` (names) for the filters that ask for them."""

    def __init__(self, roles: frozenset[str], **parts: Any) -> None:
        super().__init__(**parts)
        self.roles = roles

    def __str__(self) -> str:
        return str(self["display_name"])


@dataclass(frozen=True)
class Person:
    """A user of w.c.s.; `id` is the number, `name_id` the uuid of the identity provider, `roles` are role names."""

    id: int
    name_id: str
    name: str
    email: str
    roles: frozenset[str] = frozenset()
    profile: Mapping[str, str] = field(default_factory=lambda: dict(PROFILE))
    login: str = ""

    def prefill(self, field_id: str) -> str:
        """The value of a profile field for a prefill of type `user`."""
        if field_id in ("email", "_email"):
            return self.email
        return self.profile.get(field_id) or self.profile.get(f"_{field_id}") or ""

    def names(self) -> UserNames:
        """Below `form_user` and `session_user`."""
        by_varname = {name.lstrip("_"): value for name, value in self.profile.items()}
        return UserNames(
            self.roles,
            id=str(self.id),
            nameid=self.name_id,
            name_identifier={"0": self.name_id},
            display_name=self.name,
            email=self.email,
            has_deleted_account=False,
            admin_access=False,
            backoffice_access=bool(self.roles),
            var=by_varname | {"email": self.email},
            **by_varname,
        )


@dataclass
class Session:
    """A browser session of w.c.s."""

    user: Person | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def hash_id(self) -> str:
        """`session_hash_id`: the SHA-1 of the session's id (§3)."""
        return hashlib.sha1(self.id.encode(), usedforsecurity=False).hexdigest()

    def log_in(self, user: Person | None) -> None:
        """Log in, or out with `None`: the session gets a new id, so `session_hash_id` changes (§3)."""
        self.user = user
        self.id = secrets.token_hex(16)

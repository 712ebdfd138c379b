"""All definitions together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workflows import builder as b
from workflows.languages import Language
from workflows.reader import Node

from . import names as n
from .form import call, form, sources
from .texts import Texts
from .workflow import workflow

#: Of the application; raise it with every change of a definition.
VERSION = "1.1"
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True)
class Kit:
    """Definitions in the order in which a site can import them one by one (wcs-xml.md §19)."""

    definitions: list[Node]
    texts: Texts

    def files(self) -> dict[str, bytes]:
        """Names as a site exports them, and the bytes."""
        return {b.file_name(node): b.to_xml(node) for node in self.definitions}

    def bundle(self) -> bytes:
        """One application bundle with all of it."""
        return b.bundle(
            self.texts["application"],
            VERSION,
            self.definitions,
            slug="rendez-vous",
            description=self.texts["application-description"],
        )


def make_kit(language: Language = "fr", agenda: str = "", roles: Iterable[str] = ()) -> Kit:
    """The kit in a language; `agenda` (slug) fixes the agenda, else the form asks for it.

    `roles` are names of the roles whose agents may submit the form. The same arguments give the same bytes. Raises
    `ValueError` for a slug that cannot be one.
    """
    if agenda and not SLUG.fullmatch(agenda):
        raise ValueError(f"{agenda!r} is not the slug of an agenda")
    texts = Texts(language)
    mails = [
        b.mail_template(texts[key], texts[f"{key}-subject"], texts[f"{key}-body"], slug=slug)
        for key, slug in (
            ("mail-booked", n.MAIL_BOOKED),
            ("mail-cancelled", n.MAIL_CANCELLED),
            ("mail-reminder", n.MAIL_REMINDER),
        )
    ]
    submitters = [b.Role(name, "") for name in roles]
    definitions = [*mails, *sources(texts, agenda), call(texts), workflow(texts), form(texts, agenda, submitters)]
    return Kit(definitions, texts)

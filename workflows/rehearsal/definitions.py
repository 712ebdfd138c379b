"""Definitions to play: from the kit, or from files."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.definitions.kit import Kit
from workflows.reader import Document, Form, Library, load_many


def library_of(paths: Iterable[str], form: str = "") -> tuple[Library, Form]:
    """Everything below `paths`, and the form to play: the one in the file `form`, else the only one.

    Raises `ValueError` with a message when there is none, or more than one.
    """
    library = load_many([form, *paths] if form else paths)
    if library.errors:
        raise ValueError(str(library.errors[0]))
    forms = library.of(Form)
    if form:
        forms = [one for one in forms if one.document.path == form]
    if len(forms) != 1:
        raise ValueError(f"{form or ', '.join(paths)}: {len(forms)} forms, one is needed")
    return library, forms[0]


def kit_library(kit: Kit) -> Library:
    """The kit as a site has it after the import."""
    return Library([Document(content, path=name) for name, content in kit.files().items()])

"""Definitions to play: from the kit, or from files."""

from __future__ import annotations

from workflows.definitions.kit import Kit
from workflows.reader import Document, Library


def kit_library(kit: Kit) -> Library:
    """The kit as a site has it after the import."""
    return Library([Document(content, path=name) for name, content in kit.files().items()])

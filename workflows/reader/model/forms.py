"""Forms, card models and blocks of fields (wcs-xml.md §7, §9)."""

from __future__ import annotations

from .base import Definition, Reference, reference_of, text_of
from .fields import FieldOwner


class FormDefinition(Definition, FieldOwner):
    """A form or a card model: the same format."""

    @property
    def workflow(self) -> Reference | None:
        """The workflow it names: slug first, the name only when there is no slug (wcs-xml.md §14)."""
        return reference_of(self, "workflow")

    @property
    def options(self) -> dict[str, str]:
        """Values of the variables of the workflow that are plain texts."""
        return {element.get("varname") or "": text_of(element) for element in self.children("options")}

    @property
    def backoffice_submission_roles(self) -> list[Reference]:
        """Roles of the agents who may submit; empty means that no agent can."""
        found = self.children("backoffice-submission-roles")
        return [Reference(element, element.get("slug") or "", text_of(element)) for element in found]

    @property
    def custom_views(self) -> list[str]:
        """Slugs of the custom views."""
        return [element.findtext("slug") or "" for element in self.children("custom_views")]


class Form(FormDefinition):
    """`formdef`."""


class Card(FormDefinition):
    """`carddef`."""


class Block(Definition, FieldOwner):
    """`block`: fields repeated together."""

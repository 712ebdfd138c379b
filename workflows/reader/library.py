"""Definitions loaded together, found by kind and slug: what a site would know of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from .bundle import Bundle
from .document import Document
from .errors import DefinitionError
from .model import Block, DataSource, Definition, FormDefinition, NamedCall, Workflow

View = TypeVar("View", bound=Definition)


class Library:
    """Documents by kind and slug.

    `documents` in the order met, those of bundles included; `bundles`; `errors` of what could not be loaded;
    `skipped` are paths of XML files met in directories that hold no definition.
    """

    def __init__(self, documents: list[Document] | None = None) -> None:
        self.documents: list[Document] = []
        self.bundles: list[Bundle] = []
        self.errors: list[DefinitionError] = []
        self.skipped: list[str] = []
        self._by_slug: dict[tuple[str, str], Definition] = {}
        self._by_name: dict[tuple[str, str], Definition] = {}
        for document in documents or []:
            self.add(document)

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[Definition]:
        return (document.definition for document in self.documents)

    def add(self, document: Document) -> None:
        """Add a document of a known kind; the first of a kind and slug is the one that is found."""
        definition = document.definition
        self.documents.append(document)
        self._by_slug.setdefault((definition.kind, definition.slug), definition)
        self._by_name.setdefault((definition.kind, definition.name), definition)

    def add_bundle(self, bundle: Bundle) -> None:
        """Add the definitions of a bundle; members that are XML of no known kind become errors."""
        self.bundles.append(bundle)
        self.errors.extend(bundle.errors)
        for document in bundle.documents:
            try:
                self.add(document)
            except DefinitionError as error:
                self.errors.append(error)

    def find(self, kind: str, slug: str) -> Definition | None:
        """The definition of a kind (key of `kinds.KINDS`) and slug."""
        return self._by_slug.get((kind, slug))

    def of(self, view: type[View]) -> list[View]:
        """All definitions of one class, such as `Form` or `Workflow`."""
        return [definition for definition in self if isinstance(definition, view)]

    def workflow_of(self, form: FormDefinition) -> Workflow | None:
        """The workflow a form names: by slug when there is one, with no fallback to the name (wcs-xml.md §1.13)."""
        reference = form.workflow
        if reference is None:
            return None
        found = (self._by_slug if reference.slug else self._by_name).get(("workflow", reference.slug or reference.name))
        return found if isinstance(found, Workflow) else None

    def block(self, slug: str) -> Block | None:
        found = self.find("block", slug)
        return found if isinstance(found, Block) else None

    def data_source(self, slug: str) -> DataSource | None:
        found = self.find("datasource", slug)
        return found if isinstance(found, DataSource) else None

    def named_call(self, slug: str) -> NamedCall | None:
        """The call of `webservice.<slug>`."""
        found = self.find("wscall", slug)
        return found if isinstance(found, NamedCall) else None

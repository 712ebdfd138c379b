"""What is known beside the file under check, and what an unknown reference then means."""

from __future__ import annotations

from collections.abc import Collection

from workflows.reader import Definition, FormDefinition, Library, Workflow

from .codes import Severity


class Site:
    """The definitions given, and how strictly a reference to another one is judged.

    By default an unknown reference is a warning, and only where some definition of its kind was given, as otherwise
    nothing can be said. `strict` takes the definitions given for all the site has: what would be refused is an error.
    `roles` are names and slugs of the site's roles, None when they are not known.
    """

    def __init__(
        self, libraries: Collection[Library], strict: bool = False, roles: Collection[str] | None = None
    ) -> None:
        self.libraries = list(libraries)
        self.strict = strict
        self.roles = None if roles is None else frozenset(roles)
        self._definitions: dict[tuple[str, str], Definition] = {}
        self._workflow_names: dict[str, Workflow] = {}
        for library in libraries:
            for definition in library:
                self._definitions.setdefault((definition.kind, definition.slug), definition)
                if isinstance(definition, Workflow):
                    self._workflow_names.setdefault(definition.name, definition)
        self._kinds = {kind for kind, _ in self._definitions}

    def find(self, kind: str, slug: str) -> Definition | None:
        """The definition of that kind and slug, None when it was not given."""
        return self._definitions.get((kind, slug))

    def judge(self, kind: str, slug: str, refused: bool = True) -> Severity | None:
        """How bad a reference is: None when it is known or cannot be judged; `refused` when w.c.s. would refuse it."""
        if (kind, slug) in self._definitions:
            return None
        if self.strict:
            return "error" if refused else "warning"
        return "warning" if kind in self._kinds else None

    def workflow_of(self, form: FormDefinition) -> Workflow | None:
        """The workflow a form names, by slug, by name only without slug."""
        reference = form.workflow
        if reference is None:
            return None
        if reference.slug:
            found = self.find("workflow", reference.slug)
            return found if isinstance(found, Workflow) else None
        return self._workflow_names.get(reference.name)

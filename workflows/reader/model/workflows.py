"""Workflows, their statuses and global actions (wcs-xml.md §5)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

from .actions import ACTION_VIEWS, Action, FormAction
from .base import Definition, View, text_of
from .fields import EmbeddedForm, FieldOwner, embedded_form

Owner = TypeVar("Owner", bound="ActionOwner")


class ActionOwner(View):
    """A status or a global action."""

    workflow: Workflow

    @property
    def id(self) -> str:
        return self.text("id")

    @property
    def name(self) -> str:
        return self.text("name")

    @cached_property
    def actions(self) -> list[Action]:
        """The actions in the order they run."""
        actions = []
        for element in self.children("items"):
            action = ACTION_VIEWS.get(element.get("type") or "", Action)(self.document, element)
            action.owner = self  # type: ignore[assignment]
            actions.append(action)
        return actions


class Status(ActionOwner):
    """A status; the first of the workflow is where records start."""

    @property
    def forced_endpoint(self) -> bool:
        return self.text("forced_endpoint") == "true"


class Trigger(View):
    """`manual`, `timeout` or `webservice` trigger of a global action."""

    @property
    def type(self) -> str:
        return self.element.get("type") or ""

    @property
    def id(self) -> str:
        return self.element.get("id") or ""

    @property
    def identifier(self) -> str:
        """Name of the hook of a webservice trigger."""
        return self.text("identifier")

    @property
    def roles(self) -> list[str]:
        return [text_of(element) for element in self.children("roles")]

    @property
    def statuses(self) -> list[str]:
        return [text_of(element) for element in self.children("statuses")]


class GlobalAction(ActionOwner):
    """An action that agents, time or a call may start in any status."""

    @cached_property
    def triggers(self) -> list[Trigger]:
        return [Trigger(self.document, element) for element in self.children("triggers")]


class Workflow(Definition):
    """`workflow`."""

    @property
    def functions(self) -> dict[str, str]:
        """Function id → label; `_receiver` alone when the file has no `roles`."""
        if self.child("roles") is None:
            return {"_receiver": "Recipient"}
        return {element.get("id") or "": text_of(element) for element in self.children("roles")}

    @cached_property
    def statuses(self) -> list[Status]:
        return [self._own(Status(self.document, element)) for element in self.children("possible_status")]

    @cached_property
    def global_actions(self) -> list[GlobalAction]:
        return [self._own(GlobalAction(self.document, element)) for element in self.children("global_actions")]

    def _own(self, owner: Owner) -> Owner:
        owner.workflow = self
        return owner

    def status(self, status_id: str) -> Status | None:
        """The first status of that id, `wf-` prefix allowed."""
        bare = status_id.removeprefix("wf-")
        return next((status for status in self.statuses if status.id in (status_id, bare)), None)

    def actions(self) -> Iterator[Action]:
        """All actions, those of the statuses first."""
        for owner in (*self.statuses, *self.global_actions):
            yield from owner.actions

    @cached_property
    def variables(self) -> EmbeddedForm | None:
        """The options of the workflow."""
        return embedded_form(self, "variables", "formdef")

    @cached_property
    def backoffice_fields(self) -> EmbeddedForm | None:
        return embedded_form(self, "backoffice-fields", "formdef")

    def field_owners(self) -> Iterator[FieldOwner]:
        """All embedded forms: variables, backoffice fields, form actions."""
        for owner in (self.variables, self.backoffice_fields):
            if owner is not None:
                yield owner
        for action in self.actions():
            if isinstance(action, FormAction) and action.form is not None:
                yield action.form

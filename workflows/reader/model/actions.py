"""Actions of statuses and global actions (wcs-xml.md §6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from .base import Condition, View, condition_of, text_of
from .fields import EmbeddedForm, embedded_form

if TYPE_CHECKING:
    from .workflows import GlobalAction, Status

#: Parameters that name a status, by their child element.
STATUS_PARAMETERS = (
    "status",
    "action_on_app_error",
    "action_on_4xx",
    "action_on_5xx",
    "action_on_bad_data",
    "action_on_network_errors",
)
ERROR_DEFAULTS = {
    "action_on_app_error": ":pass",
    "action_on_4xx": ":stop",
    "action_on_5xx": ":stop",
    "action_on_bad_data": ":pass",
    "action_on_network_errors": ":stop",
}


@dataclass(frozen=True)
class Pair:
    """One entry of query string or body: its element, name and value template."""

    element: etree._Element
    name: str
    value: str


def pairs_of(view: View, tag: str) -> list[Pair]:
    """`<item><name/><value/></item>` entries of an action or data source."""
    return [Pair(e, e.findtext("name") or "", e.findtext("value") or "") for e in view.children(tag)]


class Target(NamedTuple):
    """A status named by an action: the parameter, its element, and the id (`_previous` and such included)."""

    parameter: str
    element: etree._Element
    status: str


class Action(View):
    """One action; `owner` is the status or global action it stands in."""

    owner: Status | GlobalAction

    @property
    def type(self) -> str:
        return self.element.get("type") or ""

    @property
    def id(self) -> str:
        return self.element.get("id") or ""

    @property
    def label(self) -> str:
        return self.text("label")

    @property
    def varname(self) -> str:
        return self.text("varname")

    @property
    def condition(self) -> Condition | None:
        return condition_of(self)

    @property
    def by(self) -> list[str]:
        """Who may act: functions, role names, templates."""
        return [text_of(element) for element in self.children("by")]

    @cached_property
    def targets(self) -> list[Target]:
        """The statuses it may lead to; `:pass`, `:stop` and empty ones left out."""
        found = []
        for element in self.element:
            status = text_of(element)
            if element.tag in STATUS_PARAMETERS and status and not status.startswith(":"):
                found.append(Target(str(element.tag), element, status))
        return found


class WebserviceCall(Action):
    """`webservice_call`."""

    @property
    def url(self) -> str:
        return self.text("url")

    @property
    def method(self) -> str:
        """The method that is used: the written one, else POST when something is posted, else GET."""
        written = self.text("method")
        if written in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            return written
        return "POST" if self.flag("post") or self.post_data else "GET"

    @property
    def posts_form(self) -> bool:
        """The whole form is sent, the explicit pairs under `extra`."""
        return self.flag("post")

    @property
    def qs_data(self) -> list[Pair]:
        return pairs_of(self, "qs_data")

    @property
    def post_data(self) -> list[Pair]:
        return pairs_of(self, "post_data")

    def on_error(self, parameter: str) -> str:
        """What one of `action_on_*` says: `:pass`, `:stop` or a status id; the class default when absent."""
        return self.text(parameter, ERROR_DEFAULTS[parameter])


class FormAction(Action):
    """`form`: asks for fields in the middle of the workflow."""

    @property
    def form(self) -> EmbeddedForm | None:
        return embedded_form(self, "formdef")


class Jump(Action):
    """`jump`."""

    @property
    def status(self) -> str:
        return self.text("status")

    @property
    def mode(self) -> str:
        """`immediate`, `timeout` or `trigger`; deduced as w.c.s. does when an older export has none."""
        deduced = "trigger" if self.text("trigger") else "timeout" if self.text("timeout") else "immediate"
        return self.text("mode") or deduced


@dataclass(frozen=True)
class Assignment:
    """`<field>` of set-backoffice-fields: which field gets which template."""

    element: etree._Element
    field_id: str
    value: str


class SetBackofficeFields(Action):
    """`set-backoffice-fields`."""

    @property
    def assignments(self) -> list[Assignment]:
        found: Iterator[etree._Element] = self.children("fields")
        return [Assignment(e, e.findtext("field_id") or "", e.findtext("value") or "") for e in found]


ACTION_VIEWS: dict[str, type[Action]] = {
    "webservice_call": WebserviceCall,
    "form": FormAction,
    "jump": Jump,
    "set-backoffice-fields": SetBackofficeFields,
}

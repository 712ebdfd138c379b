"""Named calls, named data sources, templates and categories (wcs-xml.md §10–§13)."""

from __future__ import annotations

from lxml import etree

from .actions import Pair, pairs_of
from .base import Definition, text_of


class NamedCall(Definition):
    """`wscall`: `webservice.<slug>` in templates."""

    @property
    def request(self) -> etree._Element | None:
        return self.child("request")

    def request_text(self, tag: str) -> str:
        """Text of a child of the request, "" without it."""
        return text_of(self.element.find(f"request/{tag}"))

    @property
    def url(self) -> str:
        return self.request_text("url")

    @property
    def method(self) -> str:
        """As written; empty counts as GET."""
        return self.request_text("method") or "GET"

    @property
    def qs_data(self) -> list[Pair]:
        return self._params("qs_data")

    @property
    def post_data(self) -> list[Pair]:
        return self._params("post_data")

    def _params(self, tag: str) -> list[Pair]:
        """`<param key="…">` entries: unlike those of actions."""
        return [Pair(e, e.get("key") or "", text_of(e)) for e in self.element.findall(f"request/{tag}/param")]


class DataSource(Definition):
    """`datasource`."""

    @property
    def source_type(self) -> str:
        return text_of(self.element.find("data_source/type"))

    @property
    def value(self) -> str:
        return text_of(self.element.find("data_source/value"))

    @property
    def value_element(self) -> etree._Element | None:
        return self.element.find("data_source/value")

    @property
    def qs_data(self) -> list[Pair]:
        return pairs_of(self, "qs_data")

    @property
    def id_attribute(self) -> str:
        return self.text("id_attribute") or "id"


class MailTemplate(Definition):
    """`mail-template`."""

    @property
    def subject(self) -> str:
        return self.text("subject")

    @property
    def body(self) -> str:
        return self.text("body")


class CommentTemplate(Definition):
    """`comment-template`."""

    @property
    def comment(self) -> str:
        return self.text("comment")


class Category(Definition):
    """A category of any kind of definition."""

"""Fields of forms, cards, blocks, workflow variables, backoffice data and form actions (wcs-xml.md §8)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property

from lxml import etree

from .base import Condition, View, condition_of, text_of


class DataSourceUse(View):
    """`<data_source>` of a field: inline (`json`, `jsonvalue`…) or the slug of a named one, or a card model."""

    INLINE = frozenset({"json", "jsonp", "geojson", "jsonvalue"})

    @property
    def type(self) -> str:
        return self.text("type")

    @property
    def value(self) -> str:
        return self.text("value")

    @property
    def value_element(self) -> etree._Element | None:
        return self.child("value")

    @property
    def inline(self) -> bool:
        return self.type in self.INLINE

    @property
    def named(self) -> str:
        """Slug of the named data source, "" when it is inline, a card model or nothing."""
        return "" if self.inline or self.card else self.type

    @property
    def card(self) -> str:
        """Slug of the card model of `carddef:<slug>[:<view>]`, else ""."""
        return self.type.split(":")[1] if self.type.startswith("carddef:") else ""


class Prefill(View):
    """`<prefill>`; locked only by the exact text `True`."""

    @property
    def type(self) -> str:
        return self.text("type")

    @property
    def value(self) -> str:
        return self.text("value")

    @property
    def value_element(self) -> etree._Element | None:
        return self.child("value")

    @property
    def locked(self) -> bool:
        return self.flag("locked")

    @property
    def locked_unless_empty(self) -> bool:
        return self.flag("locked-unless-empty")


class PostCondition(View):
    """A condition to leave a page, with the message shown when it fails."""

    @property
    def condition(self) -> Condition | None:
        return condition_of(self)

    @property
    def error_message(self) -> str:
        return self.text("error_message")


def post_conditions_of(view: View) -> list[PostCondition]:
    """The post conditions w.c.s. keeps: those whose condition has a type."""
    found = (PostCondition(view.document, element) for element in view.children("post_conditions"))
    return [post for post in found if post.condition is not None and post.condition.type]


class Field(View):
    """One field. `owner` is the view whose `<fields>` holds it, `page` the page it is on."""

    owner: FieldOwner
    page: Page | None = None

    @property
    def written_type(self) -> str:
        """`type` as in the file, `block:<slug>` included."""
        return self.text("type")

    @property
    def type(self) -> str:
        """`type` with the older `block:<slug>` given as `block`."""
        return "block" if self.written_type.startswith("block:") else self.written_type

    @property
    def label(self) -> str:
        return self.text("label")

    @property
    def varname(self) -> str:
        return self.text("varname")

    @property
    def id(self) -> str:
        return self.text("id")

    @property
    def required(self) -> bool:
        """Required of everybody or of citizens: `required`, `frontoffice` or the older `True`; the default is True."""
        return self.text("required", "required") in ("required", "frontoffice", "True")

    @property
    def display_mode(self) -> str:
        return self.text("display_mode")

    @property
    def block_slug(self) -> str:
        """Slug of the block, in either spelling, "" for other fields."""
        prefix, colon, slug = self.written_type.partition(":")
        if prefix != "block":
            return ""
        return slug if colon else self.text("block_slug")

    @property
    def repeated(self) -> bool:
        """A block that may appear more than once (`max_items` over 1 or a template)."""
        return self.type == "block" and self.text("max_items", "1") not in ("", "1")

    @property
    def value_template(self) -> str:
        return self.text("value_template")

    @property
    def items(self) -> list[str]:
        """Choices written in the field."""
        return [text_of(element) for element in self.children("items")]

    @property
    def condition(self) -> Condition | None:
        return condition_of(self)

    @property
    def post_conditions(self) -> list[PostCondition]:
        return post_conditions_of(self)

    @property
    def prefill(self) -> Prefill | None:
        found = self.child("prefill")
        return None if found is None else Prefill(self.document, found)

    @property
    def data_source(self) -> DataSourceUse | None:
        found = self.child("data_source")
        return None if found is None else DataSourceUse(self.document, found)


@dataclass
class Page:
    """A page: its own field (None for fields before the first page) and the fields up to the next page."""

    field: Field | None
    fields: list[Field] = dataclass_field(default_factory=list)

    @property
    def label(self) -> str:
        return self.field.label if self.field else ""

    @property
    def condition(self) -> Condition | None:
        return self.field.condition if self.field else None

    @property
    def post_conditions(self) -> list[PostCondition]:
        return self.field.post_conditions if self.field else []


class FieldOwner(View):
    """Anything with a `<fields>` child."""

    @cached_property
    def fields(self) -> list[Field]:
        """All fields in order, pages included."""
        fields = []
        page: Page | None = None
        for element in self.children("fields"):
            found = Field(self.document, element)
            found.owner = self
            if found.type == "page":
                page = Page(found)
            elif page is None:
                page = Page(None)
            if found.type != "page":
                page.fields.append(found)
            found.page = page
            fields.append(found)
        return fields

    @cached_property
    def pages(self) -> list[Page]:
        """The pages in order; the first has no field of its own when fields stand before any page."""
        pages: list[Page] = []
        for found in self.fields:
            if found.page is not None and (not pages or pages[-1] is not found.page):
                pages.append(found.page)
        return pages

    def by_varname(self, varname: str) -> list[Field]:
        """Fields of that varname: several are legitimate when their conditions exclude each other."""
        return [found for found in self.fields if varname and found.varname == varname]

    def by_id(self, field_id: str) -> Field | None:
        """The first field of that id."""
        return next((found for found in self.fields if found.id == field_id), None)

    @property
    def post_conditions(self) -> list[PostCondition]:
        """Those of a block or of the form of an action; the ones of pages are on the pages."""
        return post_conditions_of(self)


class EmbeddedForm(FieldOwner):
    """`<formdef>` inside workflow variables, backoffice fields or a form action."""


def embedded_form(view: View, *path: str) -> EmbeddedForm | None:
    """The embedded form at a path of child tags, None when absent."""
    found = view.element.find("/".join(path))
    return None if found is None else EmbeddedForm(view.document, found)

"""Filling a form, page by page, as a citizen or an agent (wcs-runtime.md §2.3, §4.5, §6.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workflows.reader import Field, Page

from .formdata import Formdata
from .people import Session
from .rows import rows_of
from .rows import widget_for as block_widget
from .scope import Request, Scope, place
from .sources import choices, item_of_id
from .templates import NotEvaluated
from .values import NO_DATA, NOTHING, Stored
from .variables import row_names
from .widgets import PLAYED, Widget, item_value, of_names, several, take, widget_for

if TYPE_CHECKING:
    from .site import Site

#: Keys that the final backoffice submit takes out of the context (§2.1).
TAKEN_OUT = ("selected_user_id", "selected_submission_channel", "submission-locked")
SUMMARY = -1


@dataclass
class PageView:
    """A page to show; `number` is its index, `SUMMARY` for the page that shows everything before the end.

    `errors` are of the page as a whole, such as the messages of its exit conditions.
    """

    number: int
    label: str = ""
    widgets: list[Widget] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def widget(self, varname: str) -> Widget | None:
        """The widget of a field."""
        return next((widget for widget in self.widgets if widget.field.varname == varname), None)

    @property
    def wrong(self) -> bool:
        """Whether the page was refused."""
        return bool(self.errors) or any(widget.wrong for widget in self.widgets)


class Vanished(Exception):
    """The final submit of a citizen whose choice is no longer listed: the technical error (§6.4)."""


class Filling:
    """One draft being filled in one browser session; `query` are parameters of the page's address (§2.5)."""

    def __init__(self, site: Site, record: Formdata, session: Session, query: Mapping[str, str] | None = None) -> None:
        self.site = site
        self.record = record
        self.session = session
        self.query = query or {}

    # -- pages

    @property
    def pages(self) -> list[Page]:
        return self.record.form.pages

    def _visible_pages(self, scope: Scope) -> Iterator[int]:
        for number, page in enumerate(self.pages):
            if scope.holds(page.condition):
                yield number

    def scope(self, record: Formdata | None = None) -> Scope:
        """Variables of the draft, in a request of its own."""
        request = Request(self.session, backoffice=self.record.backoffice, query=self.query)
        return Scope(self.site, request, record or self.record)

    def show(self, *, back: bool = False, rows: Mapping[str, int] | None = None) -> PageView:
        """The page of the draft as it is displayed now, a request of its own.

        `rows` says by field id how many rows of a block are shown at least.
        """
        scope = self.scope()
        if back:
            before = [number for number in self._visible_pages(scope) if number < self._current()]
            self.record.page = before[-1] if before else 0
        if self.record.page == SUMMARY:
            return self._summary(scope)
        number = next((number for number in self._visible_pages(scope) if number >= self.record.page), None)
        if number is None:
            self.record.page = SUMMARY
            return self._summary(scope)
        self.record.page = number
        page = self.pages[number]
        self._compute(page.fields, scope)
        widgets = [self._widget(item, scope, rows or {}) for item in self._shown(page.fields, scope)]
        if self.record.backoffice and any(widget.value.raw is not None for widget in widgets):
            self._opened()
        return PageView(number, page.label, widgets)

    def _widget(self, item: Field, scope: Scope, rows: Mapping[str, int]) -> Widget:
        stored = self.record.data.get(item.id, NOTHING)
        if item.id in rows and item.type == "block":
            return block_widget(item, scope, stored, rows[item.id])
        return widget_for(item, scope, stored)

    def _current(self) -> int:
        return len(self.pages) if self.record.page == SUMMARY else self.record.page

    def _summary(self, scope: Scope) -> PageView:
        widgets = [
            Widget(item, self.record.data[item.id])
            for item in self.record.form.fields
            if item.id in self.record.data and item.type not in ("computed", *NO_DATA)
        ]
        return PageView(SUMMARY, self.site.say("Check your answers", "Vérification"), widgets)

    def _shown(self, fields: list[Field], scope: Scope) -> Iterator[Field]:
        """Fields whose condition holds; what is not played is told."""
        for item in fields:
            if item.type == "computed" or not scope.holds(item.condition):
                continue
            if item.type not in PLAYED and item.type not in NO_DATA:
                self.site.trace.notice(
                    "not-played",
                    place(item),
                    self.site.say(
                        f"Field “{item.label}” of type {item.type}: left empty",
                        f"Champ « {item.label} » de type {item.type} : laissé vide",
                    ),
                    item.type,
                )
            yield item

    def _opened(self) -> None:
        """Opening a draft saves it: the opener becomes its agent, the channel is that of the context's keys (§2.3)."""
        self.record.agent = self.session.user or self.record.agent
        locked = self.record.context.get("submission-locked")
        selected = self.record.context.get("selected_submission_channel")
        self.record.channel = str((locked or {}).get("channel") if isinstance(locked, dict) else selected or "")

    # -- values

    def _compute(self, fields: list[Field], scope: Scope) -> None:
        """Computed fields: at display and at submit, unless frozen (§4.5)."""
        record = scope.record
        for item in fields:
            if item.type != "computed":
                continue
            frozen = item.flag("freeze_on_initial_value")
            if frozen and item.id in record.frozen:
                continue
            try:
                value = scope.value(item.value_template, item)
            except NotEvaluated:
                continue
            record.data[item.id] = Stored(value)
            if frozen and value not in (None, ""):
                record.frozen.add(item.id)

    def submit(self, given: Mapping[str, Any]) -> PageView | None:
        """Submit the current page with values by varname or field id; None when it was accepted.

        One request: the choices are fetched first and kept, values are checked, computed fields follow, then every
        exit condition is evaluated, also when a field is wrong: it has no value then. What is refused leaves the
        draft as it was, on its page.
        """
        if self.record.page == SUMMARY:
            return None
        posted = replace(self.record, data=dict(self.record.data), frozen=set(self.record.frozen))
        scope = self.scope(posted)
        page = self.pages[self.record.page]
        view = PageView(self.record.page, page.label)
        for item in self._shown(page.fields, scope):
            widget = take(item, of_names(given, item), scope, self.record.data.get(item.id, NOTHING))
            view.widgets.append(widget)
            if widget.wrong:
                posted.data.pop(item.id, None)
            elif widget.played:
                posted.data[item.id] = widget.value
        if any(widget.unlisted for widget in view.widgets):
            return view
        self._compute(page.fields, scope)
        for post in page.post_conditions:
            if not scope.holds(post.condition):
                view.errors.append(scope.text(post.error_message, post) or self.site.say("Refused.", "Refusé."))
        if view.wrong:
            return view
        for item in page.fields:
            if item.id in posted.data:
                posted.data[item.id] = self._again(item, posted.data[item.id], scope)
        self.record.data, self.record.frozen = posted.data, posted.frozen
        self._go_on(self.scope())
        return None

    def _again(self, item: Field, stored: Stored, scope: Scope) -> Stored:
        """The value read again from the list that is kept for the request (§4.5, §6.2)."""
        if item.type != "item" or stored.raw is None:
            return stored
        found = item_of_id(item, str(stored.raw), choices(item, scope), scope)
        return item_value(found) if found is not None else stored

    def _go_on(self, scope: Scope) -> None:
        here = self.record.page
        self.record.page = next((number for number in self._visible_pages(scope) if number > here), SUMMARY)
        if self.record.backoffice:
            self.record.context["selected_submission_channel"] = self.record.channel
            self.record.context["selected_user_id"] = str(self.record.user.id) if self.record.user else ""

    # -- the end

    @property
    def has_summary(self) -> bool:
        """Whether the form shows everything before the end (`confirmation`, true by default)."""
        return self.record.form.text("confirmation", "true") != "false"

    def read_again(self) -> None:
        """Look every choice up once more, at the final submit (§6.4).

        For an agent a choice that has vanished stays with its id, without label and without structured value; for a
        citizen this raises `Vanished`.
        """
        scope = self.scope()
        for number in self._visible_pages(scope):
            for item in self.pages[number].fields:
                stored = self.record.data.get(item.id, NOTHING)
                if stored.raw is None or not scope.holds(item.condition):
                    continue
                if item.type in ("item", "items"):
                    self.record.data[item.id] = self._looked_up(item, stored, scope)
                elif item.type == "block":
                    self._rows_again(item, stored, scope)

    def _rows_again(self, field: Field, stored: Stored, scope: Scope) -> None:
        rows = rows_of(stored)
        inner = {item.id: item for item in self.site.block_fields(field.block_slug)}
        for number, row in enumerate(rows):
            in_row = scope.with_names(**row_names(list(inner.values()), row, self.site.block_fields, number))
            for name, value in row.items():
                item = inner.get(name)
                if item is not None and item.type in ("item", "items") and value.raw is not None:
                    row[name] = self._looked_up(item, value, in_row)
        self.record.data[field.id] = replace(stored, raw=rows)

    def _looked_up(self, item: Field, stored: Stored, scope: Scope) -> Stored:
        items = choices(item, scope)
        if item.type == "item":
            found = item_of_id(item, str(stored.raw), items, scope)
            if found is None and not self.record.backoffice:
                raise Vanished(item.label)
            return item_value(found) if found else Stored(stored.raw)
        found_ones = [one for one in items if one.id in stored.raw]
        if len(found_ones) < len(stored.raw):
            if not self.record.backoffice:
                raise Vanished(item.label)
            return replace(several(item, found_ones), raw=stored.raw)
        return several(item, found_ones)

    def finish(self) -> None:
        """Turn the draft into a record; its workflow is started by the caller. Raises `Vanished`."""
        self.read_again()
        for key in TAKEN_OUT:
            self.record.context.pop(key, None)
        self.record.draft = False
        self.record.receipt = self.site.clock.now()
        if not self.record.backoffice:
            self.record.user = self.session.user

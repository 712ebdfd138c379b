"""Filling a form, page by page, as a citizen or an agent (wcs-runtime.md §2.3, §4.5, §6.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.reader import Field, Page

from .formdata import Formdata
from .people import Session
from .scope import Request, Scope, place
from .sources import choices
from .templates import NotEvaluated
from .values import NOTHING, Stored
from .widgets import PLAYED, Widget, Wrong, is_locked, item_value, prefilled, read, widget_for

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
        return bool(self.errors) or any(widget.error for widget in self.widgets)


class Vanished(Exception):
    """The final submit of a citizen whose choice is no longer listed: the technical error (§6.4)."""


class Filling:
    """One draft being filled in one browser session."""

    def __init__(self, site: Site, record: Formdata, session: Session) -> None:
        self.site = site
        self.record = record
        self.session = session

    # -- pages

    @property
    def pages(self) -> list[Page]:
        return self.record.form.pages

    def _visible_pages(self, scope: Scope) -> Iterator[int]:
        for number, page in enumerate(self.pages):
            if scope.holds(page.condition):
                yield number

    def scope(self) -> Scope:
        """Variables of the draft, in a request of its own."""
        return Scope(self.site, Request(self.session), self.record)

    def show(self, *, back: bool = False) -> PageView:
        """The page of the draft as it is displayed now, a request of its own."""
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
        widgets = [widget_for(item, scope) for item in self._shown(page.fields, scope)]
        if self.record.backoffice and any(widget.value.raw is not None for widget in widgets):
            self._opened()
        return PageView(number, page.label, widgets)

    def _current(self) -> int:
        return len(self.pages) if self.record.page == SUMMARY else self.record.page

    def _summary(self, scope: Scope) -> PageView:
        widgets = [
            Widget(item, self.record.data[item.id])
            for item in self.record.form.fields
            if item.id in self.record.data and item.type not in ("computed", "page")
        ]
        return PageView(SUMMARY, self.site.say("Check your answers", "Vérification"), widgets)

    def _shown(self, fields: list[Field], scope: Scope) -> Iterator[Field]:
        """Fields whose condition holds; what is not played is told."""
        for item in fields:
            if item.type == "computed":
                continue
            if item.required and item.type not in PLAYED and item.type not in ("comment", "title", "subtitle", "page"):
                self.site.trace.notice(
                    "not-played",
                    place(item),
                    self.site.say(
                        f"Field “{item.label}” of type {item.type}: left empty",
                        f"Champ « {item.label} » de type {item.type} : laissé vide",
                    ),
                    item.type,
                )
            if scope.holds(item.condition):
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
        for item in fields:
            if item.type != "computed":
                continue
            frozen = item.flag("freeze_on_initial_value")
            if frozen and item.id in self.record.frozen:
                continue
            try:
                value = scope.value(item.value_template, item)
            except NotEvaluated:
                continue
            self.record.data[item.id] = Stored(value)
            if frozen and value not in (None, ""):
                self.record.frozen.add(item.id)

    def submit(self, given: Mapping[str, Any]) -> PageView | None:
        """Submit the current page with values by varname or field id; None when it was accepted.

        One request: the choices are fetched first and kept, values are checked, computed fields follow, then every
        exit condition is evaluated (§4.5). What is refused leaves the draft on its page.
        """
        if self.record.page == SUMMARY:
            return None
        scope = self.scope()
        page = self.pages[self.record.page]
        view = PageView(self.record.page, page.label)
        for item in self._shown(page.fields, scope):
            view.widgets.append(self._take(item, given, scope))
        if view.wrong:
            return view
        self._compute(page.fields, scope)
        for post in page.post_conditions:
            if not scope.holds(post.condition):
                view.errors.append(scope.text(post.error_message, post) or self.site.say("Refused.", "Refusé."))
        if view.errors:
            return view
        self._go_on(scope)
        return None

    def _take(self, item: Field, given: Mapping[str, Any], scope: Scope) -> Widget:
        """Check one field; of a locked one the value is the computed one, whatever was sent (§2.3)."""
        items = choices(item, scope) if item.type in ("item", "items") else []
        widget = Widget(item, self.record.data.get(item.id, NOTHING), items)
        if item.type not in PLAYED:
            return widget
        computed = prefilled(item, items, scope)
        widget.locked = is_locked(item, computed, scope)
        value = given.get(item.varname) if item.varname and item.varname in given else given.get(item.id)
        if widget.locked:
            value = computed.raw
        try:
            widget.value = read(item, value, items, scope)
        except Wrong as problem:
            widget.error = str(problem)
            widget.value = Stored(value)
            return widget
        self.record.data[item.id] = widget.value
        return widget

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
                if item.type != "item" or stored.raw is None or not scope.holds(item.condition):
                    continue
                found = next((one for one in choices(item, scope) if one.id == stored.raw), None)
                if found is None and not self.record.backoffice:
                    raise Vanished(item.label)
                self.record.data[item.id] = item_value(found) if found else Stored(stored.raw)

    def finish(self) -> None:
        """Turn the draft into a record; its workflow is started by the caller. Raises `Vanished`."""
        self.read_again()
        for key in TAKEN_OUT:
            self.record.context.pop(key, None)
        self.record.draft = False
        self.record.receipt = self.site.clock.now()
        if not self.record.backoffice:
            self.record.user = self.session.user

"""What the templates of the calendar show, from the plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from adapter.agendas.models import Agenda
from adapter.manager.access import Access
from adapter.manager.calendar.addresses import book_url, with_query
from adapter.manager.calendar.board import Board, Filter, day_board, week_board
from adapter.manager.calendar.drawing import Drawing
from adapter.manager.calendar.month import month_overview
from adapter.manager.calendar.openness import is_closed, next_open_day
from adapter.manager.calendar.reading import CalendarData, read_surroundings
from adapter.manager.calendar.span import Span, today


@dataclass(frozen=True, slots=True)
class Screen:
    """One view of the calendar of ``agenda`` for one agent; ``query`` is that of its address.

    ``type`` in the query is the meeting type that a click takes, ``only`` a real agenda of a virtual one, ``desk`` one
    desk (its id) of a week. Nonsense is shown as if it had not been asked for.
    """

    agenda: Agenda
    span: Span
    data: CalendarData
    access: Access
    query: QueryDict

    @property
    def here(self) -> str:
        """The address of this very view."""
        return self._place(self.span)

    @property
    def may_book(self) -> bool:
        """Whether the agent is shown ways to book."""
        return self.agenda.backoffice_booking_enabled and self.access.books(self.agenda)

    @property
    def chosen(self) -> Filter:
        """What of the agenda is shown."""
        real = self.data.snapshot.real_agendas
        only = next((item.slug for item in real if item.slug == self.query.get("only") and len(real) > 1), "")
        asked = self.query.get("desk", "") if self.span.view == "week" else ""
        desks = [desk.id for agenda in real if only in ("", agenda.slug) for desk in agenda.desks]
        return Filter(only, next((desk_id for desk_id in desks if str(desk_id) == asked), None))

    def context(self) -> dict[str, Any]:
        """Everything for the page; days and weeks cost the queries of :func:`read_surroundings`, and one for titles."""
        data, chosen, span = self.data, self.chosen, self.span
        types = data.snapshot.meeting_types
        meeting_type = data.snapshot.meeting_type(self.query.get("type", "")) or (types[0] if types else None)
        views = (("day", _("Day")), ("week", _("Week")), ("month", _("Month")))
        context = {
            "agenda": self.agenda,
            "span": span,
            "now": data.now,
            "views": [(view, label, self._place(Span(view, span.day))) for view, label in views],
            "urls": {
                "previous": self._place(span.previous()),
                "next": self._place(span.next()),
                "today": self._place(Span(span.view, today(data.now))),
                "day": Span("day", span.day).url(self.agenda.slug),
            },
            "today": Span(span.view, today(data.now)),
            "here": self.here,
            "types": types,
            "meeting_type": meeting_type,
            "chosen": chosen,
            "desks": Filter(chosen.only).desks(data),
            "tabs": self._tabs(chosen),
            "may_edit": self.access.edits(self.agenda),
            "may_book": self.may_book,
            "not_enabled": self.access.books(self.agenda) and not self.agenda.backoffice_booking_enabled,
            "book_url": reverse("manager-agenda-book", args=[self.agenda.slug]),
            "add_url": book_url(
                self.agenda.slug,
                agenda=chosen.only,
                type=meeting_type.slug if meeting_type and "type" in self.query else "",
                since=f"{span.first}",
                back=self.here,
            ),
            "version": data.version,
            "version_url": reverse("manager-agenda-version", args=[self.agenda.slug]),
        }
        if span.view == "month":
            return {**context, "weeks": month_overview(data, span, self.agenda.slug, chosen)}
        board = day_board(data, span.day, chosen) if span.view == "day" else week_board(data, span.days, chosen)
        return {**context, **self._board_context(board, meeting_type.slug if meeting_type else "")}

    def _board_context(self, board: Board, preferred: str) -> dict[str, Any]:
        surroundings = read_surroundings(self.data)
        drawing = Drawing(self.agenda.slug, board, self.data, surroundings, self.here, preferred, self.may_book)
        return {
            "board": drawing.text(self.span.view),
            **self._closed_context(),
            "free_times": board.free_times(self.data) if self.may_book and board.columns else None,
            "cancelled": [(item, surroundings.callbacks[item.pk]) for item in surroundings.cancelled],
        }

    def _closed_context(self) -> dict[str, Any]:
        """Where nothing is open: that it is so, and the way to the next day on which something is."""
        if not is_closed(self.data, self.chosen):
            return {"closed": False}
        day = next_open_day(self.data, self.chosen)
        return {"closed": True, "open_day": day, "open_url": self._place(Span(self.span.view, day)) if day else ""}

    def _place(self, span: Span) -> str:
        query = self.query.urlencode()
        return span.url(self.agenda.slug) + (f"?{query}" if query else "")

    def _tabs(self, chosen: Filter) -> list[tuple[str, str, bool]]:
        """Label, address and whether it is shown: all agendas of a virtual one together, then each alone."""
        real = self.data.snapshot.real_agendas
        if len(real) < 2:
            return []
        place, kept = self.span.url(self.agenda.slug), self.query.get("type", "")
        return [
            (label, with_query(place, type=kept, only=slug), slug == chosen.only)
            for slug, label in [("", _("All agendas")), *((item.slug, item.label) for item in real)]
        ]

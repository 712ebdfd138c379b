"""The board of a day or a week as text of a page: each piece with its words and addresses, then one template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from adapter.agendas.models import BookingState, CallbackState
from adapter.manager.calendar.addresses import book_url, with_query
from adapter.manager.calendar.blocks import Block, Closing, Gap, Stretch, clock_text
from adapter.manager.calendar.board import Board
from adapter.manager.calendar.layout import Column
from adapter.manager.calendar.reading import CalendarData, Surroundings
from adapter.manager.services.titles import known_titles
from adapter.manager.templatetags.manager import is_web
from adapter.manager.words import PRESENCE, callback_in_words, time_left, what_and_whose

TEMPLATE = "manager/calendar/board.html"


@dataclass(frozen=True, slots=True)
class FreeTime:
    """Time that can be booked; ``url`` opens the pop-up with its first start."""

    span: Stretch
    url: str

    kind = "gap"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking or a lock, in words. Texts come from people: the template escapes them.

    ``expires`` (ISO) and ``left`` tell how long a lock lasts; ``record`` is the address of the request, empty when it
    is not one of the web; ``callback`` is the state of a call to w.c.s. that has not arrived. Without ``url`` it is
    busy time that the agent may not look at, and says nothing else.
    """

    id: int
    span: Stretch
    css: str
    held: bool
    short: bool
    url: str
    name: str
    beside: str
    labelled: bool
    type: str
    place: str
    holder: str
    form: str
    expires: str
    left: str
    record: str
    callback: str
    callback_words: str
    presence: str

    kind = "block"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the pieces of one page share.

    ``here`` is the page's own address, to come back to; ``preferred`` the meeting type (slug) that a free time opens
    with; ``may_book`` whether free times are shown.
    """

    agenda: str
    board: Board
    data: CalendarData
    surroundings: Surroundings
    here: str
    preferred: str
    may_book: bool

    def text(self, view: str) -> SafeString:
        """The board as HTML; ``view`` is ``day`` or ``week``. Empty when it has no column."""
        if not self.board.columns:
            return SafeString("")
        titles = known_titles(item.form_slug for item in self.data.bookings if item.state == BookingState.HELD)
        # Found once: a day has hundreds of appointments.
        before, _zero, after = reverse("manager-agenda-appointment", args=[self.agenda, 0]).rpartition("0")
        links = (before, with_query(after, back=self.here))
        columns = [(column, self._pieces(column, titles, links)) for column in self.board.columns]
        # The template has escaped every value.
        return mark_safe(render_to_string(TEMPLATE, {"view": view, "board": self.board, "columns": columns}))  # noqa: S308

    def _pieces(
        self, column: Column, titles: Mapping[str, str], links: tuple[str, str]
    ) -> list[Closing | FreeTime | Appointment]:
        pieces: list[Closing | FreeTime | Appointment] = []
        for item in column.items:
            if isinstance(item, Block):
                pieces.append(self._appointment(item, titles, links))
            elif isinstance(item, Closing):
                pieces.append(item)
            elif self.may_book:
                pieces.append(self._free_time(column, item))
        return pieces

    def _free_time(self, column: Column, gap: Gap) -> FreeTime:
        first = gap.first(self.preferred)
        assert first is not None
        slug, minute, desk_id = first
        day, time, desk = column.day.isoformat(), clock_text(minute), self.board.desk_key(desk_id)
        return FreeTime(gap.span, book_url(self.agenda, type=slug, day=day, time=time, desk=desk, back=self.here))

    def _appointment(self, block: Block, titles: Mapping[str, str], links: tuple[str, str]) -> Appointment:
        booking, held = block.booking, block.held
        place = self.board.names.get(booking.desk_id) or booking.desk_label
        if not booking.visible:
            return _busy(block, place)
        ends = booking.expires_at if held else None
        name, beside = what_and_whose(booking, booking.type_label)
        callback = self.surroundings.callbacks.get(booking.id)
        untold = callback if callback is not None and callback.state != CallbackState.DELIVERED else None
        return Appointment(
            id=booking.id,
            span=block.span,
            css=block.css,
            held=held,
            short=block.short,
            url=f"{links[0]}{booking.id}{links[1]}",
            name=name,
            beside=beside,
            labelled=name != booking.type_label,
            type=booking.type_label,
            place=place,
            holder=self.surroundings.holders.get(booking.holder, ""),
            form=titles.get(booking.form_slug, ""),
            expires=timezone.localtime(ends).isoformat() if ends else "",
            left=time_left(ends, self.data.now) if ends else "",
            record=booking.backoffice_url if is_web(booking.backoffice_url) else "",
            callback=untold.state if untold else "",
            callback_words=callback_in_words(untold) if untold else "",
            presence=str(PRESENCE.get(booking.user_was_present, "")),
        )


def _busy(block: Block, place: str) -> Appointment:
    return Appointment(
        id=block.booking.id,
        span=block.span,
        css=block.css,
        held=False,
        short=block.short,
        url="",
        name=gettext("Busy"),
        beside="",
        labelled=False,
        type="",
        place=place,
        holder="",
        form="",
        expires="",
        left="",
        record="",
        callback="",
        callback_words="",
        presence="",
    )

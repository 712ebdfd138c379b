"""ODS, for spreadsheets: every cell is of a kind (text, date, time, number), so no text is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

import odswriter

from adapter.agendas.models import Booking
from adapter.manager.exports.columns import Value, heading, rows

# What XML cannot hold.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The whole file is built in memory.
MOST_ROWS = 10_000


def ods_file(bookings: Iterable[Booking], title: str) -> bytes:
    """A sheet named ``title`` with one row a booking; at most :data:`MOST_ROWS` should be given."""
    target = io.BytesIO()
    with odswriter.writer(target) as document:
        sheet = document.new_sheet(title)
        sheet.writerow(heading())
        for row in rows(bookings):
            sheet.writerow([_cell(value) for value in row])
    return target.getvalue()


def _cell(value: Value) -> Value:
    return FORBIDDEN.sub("", value) if isinstance(value, str) else value

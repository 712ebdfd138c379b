"""CSV: UTF-8 with its mark, commas, one line a booking."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator

from adapter.agendas.models import Booking
from adapter.manager.exports.columns import Value, heading, rows

# A spreadsheet takes a text that begins so for a formula, whatever the file says.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that gives back each line that is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(bookings: Iterable[Booking]) -> Iterator[str]:
    """The lines of the file, one at a time: a list of any length needs no memory."""
    writer = csv.writer(_Echo())
    # Without it spreadsheets on Windows take the file for Latin-1, and every accent is lost.
    yield BYTE_ORDER_MARK
    yield writer.writerow(heading())
    for row in rows(bookings):
        yield writer.writerow([harmless(value) for value in row])


def harmless(value: Value) -> Value:
    """``value`` as a cell that no spreadsheet takes for a formula: an apostrophe goes before such a text."""
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}"
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text

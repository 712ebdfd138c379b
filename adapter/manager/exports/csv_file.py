"""CSV: UTF-8 with its mark, commas, all cells quoted, one line a booking.

A spreadsheet splits lines at commas, semicolons or tabs, as its language has it, whatever the file says: cells are safe
with each of them.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator

from adapter.agendas.models import Booking
from adapter.manager.exports.columns import Value, heading, rows

# A spreadsheet takes a text that begins so for a formula, whatever the file says; and their wide forms.
FORMULA_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
# Where a cell may begin in some language.
SEPARATORS = frozenset(",;\t\r\n|")

BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that gives back each line that is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(bookings: Iterable[Booking]) -> Iterator[str]:
    """The lines of the file, one at a time: a list of any length needs no memory."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    # Without it spreadsheets on Windows take the file for Latin-1, and every accent is lost.
    yield BYTE_ORDER_MARK
    yield writer.writerow(heading())
    for row in rows(bookings):
        yield writer.writerow([harmless(value) for value in row])


def harmless(value: Value) -> Value:
    """``value`` as a cell of which no part is taken for a formula: an apostrophe goes before such a part."""
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}"
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    whole = text.lstrip(" ")[:1] in FORMULA_STARTS | {"\t", "\r", "\n"}
    signs = ["'"] if whole else []
    begins = not whole
    for sign in text:
        if begins and sign in FORMULA_STARTS:
            signs.append("'")
        # Blanks and quotes may be passed over.
        begins = sign in SEPARATORS or (begins and (sign.isspace() or sign in "\"'" or not sign.isprintable()))
        signs.append(sign)
    return "".join(signs)

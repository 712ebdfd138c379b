"""All codes of findings, in English and French: the checker speaks with them and the documentation is made of them."""

from .actions import ACTIONS
from .base import Code, Family, Language, Severity, Wording, table
from .bookings import BOOKINGS
from .fields import FIELDS
from .files import FILES
from .forms import FORMS
from .resources import RESOURCES
from .structure import STRUCTURE
from .workflows import WORKFLOWS

IMPORT_CODES = table([*FILES, *STRUCTURE, *FIELDS, *ACTIONS, *WORKFLOWS, *FORMS, *RESOURCES])

BOOKING_CODES = table(BOOKINGS)

#: Codes for the faults of the reader, by `DefinitionError.code`.
FILE_CODES = {
    "unreadable": "WCS-I001",
    "not-xml": "WCS-I002",
    "empty-file": "WCS-I002",
    "wrong-encoding": "WCS-I003",
    "doctype": "WCS-I004",
    "too-big": "WCS-I005",
    "too-deep": "WCS-I005",
    "too-many-elements": "WCS-I005",
    "unknown-root": "WCS-I006",
    "not-bundle": "WCS-I007",
    "bundle-unsafe": "WCS-I008",
}

__all__ = ["BOOKING_CODES", "FILE_CODES", "IMPORT_CODES", "Code", "Family", "Language", "Severity", "Wording", "table"]

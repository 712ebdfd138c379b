"""Checks definitions before w.c.s. sees them; this module is the public door."""

from .codes import Code, Language, Wording
from .findings import Finding, Report
from .run import all_codes, check, check_library
from .site import Site

__all__ = ["Code", "Finding", "Language", "Report", "Site", "Wording", "all_codes", "check", "check_library"]

"""The whole check: load, apply the families of rules, sort the findings."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable

from workflows.reader import Library, load_many

from .bookings import check_bookings
from .codes import BOOKING_CODES, IMPORT_CODES, Code, Language
from .findings import Finding, Report
from .imports import check_bundle, check_document
from .site import Site

#: What checks a library against a site.
Family = Callable[[Library, Site, Report], None]


def all_codes() -> dict[str, Code]:
    """Every code that may be reported, by id, in the order of the documentation."""
    return {**IMPORT_CODES, **BOOKING_CODES}


def check_import(library: Library, site: Site, report: Report) -> None:
    """The import family on all files and bundles of a library."""
    for error in library.errors:
        report.error(error)
    for path in library.skipped:
        report.add("WCS-I009", path, 0)
    for bundle in library.bundles:
        check_bundle(bundle, report)
    bundled = {id(document) for bundle in library.bundles for document in bundle.documents}
    for document in library.documents:
        check_document(document, site, report, in_bundle=id(document) in bundled)


FAMILIES: list[Family] = [check_import, check_bookings]


def check(
    paths: Iterable[str | os.PathLike[str]],
    known: Iterable[str | os.PathLike[str]] = (),
    strict_refs: bool = False,
    language: Language = "fr",
    roles: Collection[str] | None = None,
) -> list[Finding]:
    """Check files, directories and bundles, and return the findings in the order of files and lines.

    `known` are further definitions that the site has: not checked, only referred to. `strict_refs` takes all that is
    given for all that the site has. `roles` are names or slugs of its roles, None when they are not known. Never raises
    for the content of the files.
    """
    return check_library(load_many(paths), load_many(known), strict_refs, language, roles)


def check_library(
    library: Library,
    known: Library | None = None,
    strict_refs: bool = False,
    language: Language = "fr",
    roles: Collection[str] | None = None,
) -> list[Finding]:
    """As `check`, on definitions that are loaded already."""
    report = Report(all_codes(), language)
    site = Site([library, known or Library()], strict_refs, roles)
    for family in FAMILIES:
        family(library, site, report)
    return report.findings

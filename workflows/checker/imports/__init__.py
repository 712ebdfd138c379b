"""The import family: what w.c.s. would refuse, crash on, or take wrongly (wcs-xml.md §4)."""

from __future__ import annotations

from collections.abc import Callable

from workflows.reader import Document

from ..findings import Report
from ..site import Site
from .bundles import check_bundle
from .check import Check
from .forms import check_block_definition, check_form
from .resources import check_category_definition, check_named_call, check_named_source, check_template
from .workflows import check_workflow

CHECKS: dict[str, Callable[[Check], None]] = {
    "formdef": check_form,
    "carddef": check_form,
    "workflow": check_workflow,
    "block": check_block_definition,
    "wscall": check_named_call,
    "datasource": check_named_source,
    "mail-template": check_template,
    "comment-template": check_template,
}


def check_document(document: Document, site: Site, report: Report, in_bundle: bool = False) -> None:
    """Apply the rules of its kind to a document; `in_bundle` relaxes what a bundle import does not look at."""
    CHECKS.get(document.kind, check_category_definition)(Check(document, site, report, in_bundle))


__all__ = ["check_bundle", "check_document"]

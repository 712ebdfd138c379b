"""Secrets that an export carries along (wcs-xml.md §18)."""

from __future__ import annotations

import re

from workflows.reader import Document

from ..findings import Report

TEMPLATE = re.compile(r"\{\{|\{%|^\[")
IN_ADDRESS = re.compile(
    r"://[^/@\s{}:]*+:[^/@\s{}]++@|[?&](?:token|apikey|api_key|secret|password|passwd)=[^&{}\s]{6,}", re.I
)


def check_secrets(document: Document, report: Report) -> None:
    """Signature keys written out, and passwords or tokens in addresses."""
    for element in document.elements:
        text = (element.text or "").strip()
        if not text:
            continue
        key = element.tag == "request_signature_key" and not TEMPLATE.search(text)
        if key or (element.tag in ("url", "value") and "://" in text and IN_ADDRESS.search(text)):
            report.at("WCS-B116", document, element, str(element.tag))

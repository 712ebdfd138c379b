"""Definitions as w.c.s. exports them to whoever signs: what its other addresses do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from lxml import etree

from adapter.wcs.forms import QUICK, send
from workflows.reader import DefinitionError, Document


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A data source: its address (a template), and the parameters that are added to it."""

    address: str
    parameters: Mapping[str, str]


def named_source(slug: str) -> NamedSource | None:
    """The data source, made by hand or by w.c.s. from an agenda; ``None`` when w.c.s. does not show it.

    Raises ``WcsError`` when it does not answer.
    """
    root = _exported("data-sources", slug)
    if root is None:
        return None
    parameters = {item.findtext("name") or "": item.findtext("value") or "" for item in root.iterfind("qs_data/item")}
    return NamedSource(root.findtext("data_source/value") or "", parameters)


def submission_roles(form: str) -> tuple[str, ...] | None:
    """The roles that may fill in the form from the back office; ``None`` when w.c.s. does not show the form.

    Raises ``WcsError`` when it does not answer.
    """
    root = _exported("forms", form)
    return (
        None if root is None else tuple(role.text or "" for role in root.iterfind("backoffice-submission-roles/role"))
    )


def _exported(kind: str, slug: str) -> etree._Element | None:
    reply = send("GET", f"api/export-import/{kind}/{quote(slug, safe='')}/", {}, timeout=QUICK)
    if reply.status != 200:
        return None
    try:
        return Document(reply.raw).root
    except DefinitionError:
        return None

"""The kinds of definitions: root elements, places in a bundle, how slugs are spelled (wcs-xml.md §11–§16)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind: canonical root, the other roots w.c.s. accepts, element type in bundles, dash and child of the slug."""

    root: str
    legacy_roots: tuple[str, ...]
    bundle_type: str
    dash: str = "-"
    slug_child: str = "slug"


def _category(root: str, bundle_type: str) -> Kind:
    return Kind(root, (root.removesuffix("category") + "categories",), bundle_type, slug_child="url_name")


#: By canonical root element, which is also the name of the kind everywhere in this package.
KINDS: dict[str, Kind] = {
    kind.root: kind
    for kind in (
        Kind("formdef", (), "forms", slug_child="url_name"),
        Kind("carddef", (), "cards", slug_child="url_name"),
        Kind("workflow", (), "workflows"),
        Kind("block", (), "blocks", "_"),
        Kind("wscall", ("wscalls",), "wscalls", "_"),
        Kind("datasource", ("datasources",), "data-sources", "_"),
        Kind("mail-template", ("mail-templates",), "mail-templates"),
        Kind("comment-template", ("comment-templates",), "comment-templates"),
        _category("category", "forms-categories"),
        _category("carddef_category", "cards-categories"),
        _category("workflow_category", "workflows-categories"),
        _category("block_category", "blocks-categories"),
        _category("mail_template_category", "mail-templates-categories"),
        _category("comment_template_category", "comment-templates-categories"),
        _category("data_source_category", "data-sources-categories"),
    )
}
KIND_OF_ROOT = {root: kind.root for kind in KINDS.values() for root in (kind.root, *kind.legacy_roots)}
KIND_OF_BUNDLE_TYPE = {kind.bundle_type: kind.root for kind in KINDS.values()}


def kind_of(root_tag: str) -> str:
    """Kind for a root element, "" when w.c.s. imports no such root."""
    return KIND_OF_ROOT.get(root_tag, "")


def slugify(name: str, dash: str = "-") -> str:
    """The slug w.c.s. derives from a name: no accents, lower case, blanks and apostrophes as dashes, at most 250."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip().lower()
    words = re.sub(rf"[^\w\s'{dash}]", "", plain)
    return re.sub(rf"[\s'{dash}]+", dash, words)[:250]

"""The manifest of an application bundle against its members (wcs-xml.md §16)."""

from __future__ import annotations

from workflows.reader import Bundle
from workflows.reader.bundle import MANIFEST
from workflows.reader.kinds import KIND_OF_BUNDLE_TYPE

from ..findings import Report

#: Types w.c.s. imports that are no definitions this checker reads.
OTHER_TYPES = ("cards-data", "users")


def check_bundle(bundle: Bundle, report: Report) -> None:
    """Check one bundle; its definitions are checked as files of their own."""
    manifest = bundle.manifest
    documents = {document.path.removeprefix(f"{bundle.path}:"): document for document in bundle.documents}
    if not manifest.get("slug"):
        report.add("WCS-I022", bundle.path, 0, MANIFEST)
    if not manifest.get("version_number"):
        report.add("WCS-I023", bundle.path, 0, MANIFEST)
    icon = manifest.get("icon")
    if icon and str(icon) not in bundle.members:
        report.add("WCS-I021", bundle.path, 0, str(icon))
    named = set()
    for element in bundle.elements:
        kind = KIND_OF_BUNDLE_TYPE.get(str(element.get("type")), "")
        if not element.get("type") or not element.get("slug"):
            report.add("WCS-I022", bundle.path, 0, str(element.get("name") or element))
            continue
        name = bundle.member_name(element)
        named.add(name)
        if not kind and element["type"] not in OTHER_TYPES:
            continue  # roles, and elements for other bricks
        if name not in bundle.members:
            report.add("WCS-I020", bundle.path, 0, name)
        elif name in documents and kind and documents[name].kind:
            document = documents[name]
            if document.kind != kind:
                report.at("WCS-I006", document, document.root, f"<{document.root.tag}>")
            elif document.definition.slug != element["slug"]:
                report.at("WCS-I024", document, document.root, document.definition.slug)
    for name in sorted(set(documents) - named):
        report.at("WCS-I025", documents[name], documents[name].root, name)

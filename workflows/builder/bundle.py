"""Application bundles: a tar that a site imports, and updates, in one go (wcs-xml.md §16)."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable

from workflows.reader import KINDS, Node, slugify
from workflows.reader.bundle import MANIFEST

from .xml import to_xml


def bundle(
    name: str,
    version: str,
    definitions: Iterable[Node],
    *,
    slug: str = "",
    description: str = "",
    documentation_url: str = "",
    install_only: Iterable[str] = (),
) -> bytes:
    """The bytes of an uncompressed tar; the same definitions give the same bytes.

    `install_only` names elements (`<type>/<slug>`) that a later version must not update.
    """
    nodes = list(definitions)
    members = {member_name(node): node for node in nodes}
    if len(members) != len(nodes):
        raise ValueError("two definitions of one kind have the same slug")
    manifest = {
        "application": name,
        "slug": slug or slugify(name),
        "version_number": version,
        "version_notes": "",
        "description": description,
        "documentation_url": documentation_url,
        "icon": None,
        "editable": True,
        "visible": True,
        "elements": [
            {
                "type": member.split("/")[0],
                "slug": member.split("/")[1],
                "name": _child_text(node, "name"),
                "auto-dependency": False,
            }
            for member, node in members.items()
        ],
        "config_options": {"install_only": dict.fromkeys(install_only, True)},
    }
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        _add(archive, MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False).encode())
        for member, node in members.items():
            _add(archive, member, to_xml(node))
    return output.getvalue()


def member_name(node: Node) -> str:
    """`<type>/<slug>` of a definition."""
    kind = KINDS[node.tag]
    return f"{kind.bundle_type}/{_child_text(node, kind.slug_child)}"


def file_name(node: Node) -> str:
    """The name of the file a site would export: `form-<slug>.wcs`, `workflow-<slug>.wcs`…"""
    kind = KINDS[node.tag]
    prefix = {"formdef": "form", "carddef": "card"}.get(kind.root, kind.root)
    return f"{prefix}-{_child_text(node, kind.slug_child)}.wcs"


def _child_text(node: Node, tag: str) -> str:
    child = node.find(tag)
    return child.text if child else ""


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))

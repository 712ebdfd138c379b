"""Files that an agent drops: read in memory, within limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from workflows.reader import KINDS, DefinitionError, Document, Library, Limits, load, read_bundle
from workflows.reader.files import is_tar

MEGABYTE = 1024 * 1024
#: Of all files together. The largest real export weighs 0.3 MB.
MOST_BYTES = 8 * MEGABYTE
MOST_FILES = 40
# Tighter than those of the command: a web process has others to answer.
LIMITS = Limits(
    xml_size=4 * MEGABYTE,
    elements=100_000,
    bundle_size=MOST_BYTES,
    bundle_unpacked_size=24 * MEGABYTE,
    bundle_members=1_000,
    bundle_elements=150_000,
)
LONGEST_NAME = 120


@dataclass
class Dropped:
    """What was dropped: ``library`` for the checker; ``documents`` for the upgrade, with names that files can have.

    Faults inside files are findings of the checker.
    """

    library: Library = field(default_factory=Library)
    documents: dict[str, Document] = field(default_factory=dict)


def read_uploads(files: Sequence[UploadedFile]) -> tuple[dict[str, bytes], list[str]]:
    """The files by names that files can have, not looked into, and sentences about those that were left out."""
    found: dict[str, bytes] = {}
    problems: list[str] = []
    if len(files) > MOST_FILES:
        problems.append(_("Only the first %(most)d files were read.") % {"most": MOST_FILES})
    for file in files[:MOST_FILES]:
        name = file_name(file.name or "")
        if name in found:
            problems.append(_("“%(name)s” was given twice: only the first was read.") % {"name": name})
            continue
        found[name] = file.read(MOST_BYTES + 1)
    return found, problems


def read_definitions(files: Mapping[str, bytes]) -> Dropped:
    """Read definitions and bundles. Never raises for what is inside the files."""
    dropped = Dropped()
    for name, raw in files.items():
        _read(name, raw, dropped)
    return dropped


def file_name(name: str) -> str:
    """A name without folders and without what no line can show."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[-LONGEST_NAME:].strip(" .") or "definition"


def _read(name: str, raw: bytes, dropped: Dropped) -> None:
    try:
        if is_tar(raw):
            bundle = read_bundle(raw, name, LIMITS)
            dropped.library.add_bundle(bundle)
            for document in bundle.documents:
                if document.kind:
                    # The name that w.c.s. gives to an export: members of a bundle have none of their own.
                    dropped.documents.setdefault(_export_name(document), document)
            return
        document = load(raw, name, LIMITS)
    except DefinitionError as error:
        dropped.library.errors.append(error)
        return
    dropped.library.add(document)
    dropped.documents[name] = document


def _export_name(document: Document) -> str:
    prefix = {"formdef": "form", "carddef": "card"}.get(document.kind, document.kind)
    kind = KINDS[document.kind]
    slug = document.definition.slug or kind.bundle_type
    return file_name(f"{prefix}-{slug}.wcs")

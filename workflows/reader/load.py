"""From paths to documents: one file, or directories and bundles together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .bundle import read_bundle
from .document import Document
from .errors import DefinitionError
from .faults import system_fault
from .files import is_tar, looks_like_xml, read_bytes
from .library import Library
from .limits import DEFAULT_LIMITS, Limits

#: Endings taken when a directory is walked; a file given by name is always taken.
XML_ENDINGS = (".wcs", ".xml", "")
TAR_ENDINGS = (".tar", ".tgz", ".gz", ".bz2", ".xz")


def load(source: str | os.PathLike[str] | bytes, path: str = "", limits: Limits = DEFAULT_LIMITS) -> Document:
    """Load one definition from a path or from bytes (`path` then names it in messages).

    Raises DefinitionError for what cannot be read or parsed, and `unknown-root` for XML that is no definition.
    """
    if isinstance(source, bytes):
        raw = source
    else:
        path = path or os.fspath(source)
        raw = read_bytes(Path(source), limits.xml_size)
    document = Document(raw, path, limits)
    _ = document.definition
    return document


def load_many(paths: Iterable[str | os.PathLike[str]], limits: Limits = DEFAULT_LIMITS) -> Library:
    """Load files, directories (`.wcs`, `.xml`, no extension, bundles; hidden ones skipped) and bundles.

    Never raises for what is inside the files: faults are in `Library.errors`, in the order met.
    """
    library = Library()
    seen: set[str] = set()
    for path in paths:
        for file, named in _files(Path(path), library):
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                _load_file(file, named, library, limits)
    return library


def _files(path: Path, library: Library) -> Iterator[tuple[Path, bool]]:
    """Files of a path with whether they were named, in a stable order; links to directories are not followed."""
    if not path.is_dir():
        yield path, True
        return

    def unreadable(error: OSError) -> None:
        library.errors.append(
            DefinitionError(
                "unreadable", f"cannot be read: {error.strerror}", str(error.filename), french=system_fault(error)
            )
        )

    for folder, folders, files in os.walk(path, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder, name)
            if not name.startswith(".") and file.suffix in (*XML_ENDINGS, *TAR_ENDINGS):
                yield file, False


def _load_file(path: Path, named: bool, library: Library, limits: Limits) -> None:
    try:
        raw = read_bytes(path, max(limits.xml_size, limits.bundle_size))
        if is_tar(raw):
            library.add_bundle(read_bundle(raw, str(path), limits))
        elif named or path.suffix == ".wcs" or (path.suffix in XML_ENDINGS and looks_like_xml(raw)):
            document = Document(raw, str(path), limits)
            if not document.kind and not named and path.suffix != ".wcs":
                library.skipped.append(str(path))
                return
            _ = document.definition
            library.add(document)
    except DefinitionError as error:
        library.errors.append(error)

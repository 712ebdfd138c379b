"""The encoding of a file, and the way from its bytes to UTF-8 and back without losing one."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from .errors import DefinitionError

DECLARATION = re.compile(rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
#: Bytes that start a UTF-16 file: codec and length of the byte order mark.
UTF16_STARTS = {
    b"\xff\xfe": ("utf-16-le", 2),
    b"\xfe\xff": ("utf-16-be", 2),
    b"<\0": ("utf-16-le", 0),
    b"\0<": ("utf-16-be", 0),
}
AS_IS = {"utf-8", "ascii"}


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a file spell its text: Python codec name and byte order mark.

    `exact` tells that decoding and encoding again gives the same bytes; without it edits are refused.
    """

    codec: str
    mark: bytes = b""
    exact: bool = True

    @property
    def direct(self) -> bool:
        """True when the file's bytes are themselves UTF-8, so that offsets need no conversion."""
        return self.codec in AS_IS

    def encode(self, source: bytes) -> bytes:
        """Return the file's bytes for UTF-8 text; raises DefinitionError when this encoding cannot write it back."""
        if self.direct:
            return source
        if not self.exact:
            raise DefinitionError(
                "edit-encoding", f"a file in {self.codec} with irregular bytes cannot be edited safely"
            )
        return self.mark + source.decode("utf-8").encode(self.codec)

    def can_encode(self, character: str) -> bool:
        """Tell whether a character can stand raw in the file."""
        try:
            character.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return True


def sniff(raw: bytes) -> Encoding:
    """Find the encoding as an XML parser does: byte order mark, then declaration, then UTF-8."""
    if raw[:2] in UTF16_STARTS:
        codec, length = UTF16_STARTS[raw[:2]]
        return Encoding(codec, raw[:length])
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    declared = DECLARATION.match(raw[len(mark) : len(mark) + 500])
    if declared is None:
        return Encoding("utf-8", mark)
    try:
        return Encoding(codecs.lookup(declared.group(1).decode("ascii")).name, mark)
    except LookupError as error:
        name = declared.group(1).decode("ascii")
        raise DefinitionError(
            "wrong-encoding", f"unknown encoding {name}", line=1, french=f"encodage {name} inconnu"
        ) from error


def to_utf8(raw: bytes, encoding: Encoding) -> tuple[bytes, Encoding]:
    """Return the text as UTF-8 and the encoding completed with `exact`; raises DefinitionError on undecodable bytes."""
    if encoding.direct:
        return raw, encoding
    try:
        source = raw[len(encoding.mark) :].decode(encoding.codec).encode("utf-8")
        exact = encoding.mark + source.decode("utf-8").encode(encoding.codec) == raw
    except (UnicodeError, ValueError, TypeError, LookupError) as error:
        raise DefinitionError(
            "wrong-encoding",
            f"the bytes are not in the declared encoding {encoding.codec}",
            line=1,
            french=f"les octets ne sont pas dans l'encodage déclaré, {encoding.codec}",
        ) from error
    return source, Encoding(encoding.codec, encoding.mark, exact)


def undecodable(source: bytes, encoding: Encoding) -> DefinitionError | None:
    """The better reason for a file that does not parse: its bytes are not in its encoding; None when they are."""
    try:
        source.decode(encoding.codec if encoding.direct else "utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        return DefinitionError(
            "wrong-encoding",
            f"the bytes are not in {encoding.codec}, the encoding of the file",
            line=line,
            french=f"les octets ne sont pas en {encoding.codec}, l'encodage du fichier",
        )
    return None

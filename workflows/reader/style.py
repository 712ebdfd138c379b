"""How a file is written (indentation, line ends, entities, quotes), found in it and followed when text is added."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from .encoding import Encoding
from .errors import DefinitionError
from .nodes import Node

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
GLUED = re.compile(rb"</[^<>]++><[^/!?]")
HEXADECIMAL = re.compile(rb"&#x[0-9A-Fa-f]+;")
DECIMAL = re.compile(rb"&#[0-9]+;")
FIRST_INDENT = re.compile(rb"\n([ \t]+)<")
QUOTE = re.compile(rb"""<[^?!/<>][^<>="']*+=\s*+(["'])""")


@dataclass(frozen=True)
class Style:
    """The habits of one file.

    `glued`: an element that has children is followed by the next one on the same line, as older w.c.s. wrote.
    `typed`, `typed_kind`: children of fields carry `type="str"`; so does the `type` child itself (oldest exports).
    """

    newline: str = "\n"
    unit: str = "  "
    ascii_only: bool = True
    hexadecimal: bool = False
    quote: str = '"'
    empty: str = " />"
    glued: bool = False
    indented: bool = True
    typed: bool = True
    typed_kind: bool = False
    encoding: Encoding = Encoding("utf-8")

    @classmethod
    def of(cls, source: bytes, encoding: Encoding) -> Style:
        """Find the style of a whole file from its UTF-8 source."""
        indent = FIRST_INDENT.search(source)
        quote = QUOTE.search(source)
        return cls(
            newline="\r\n" if b"\r\n" in source else "\n",
            unit=indent.group(1).decode() if indent else "  ",
            ascii_only=encoding.codec == "ascii" or source.isascii(),
            hexadecimal=bool(HEXADECIMAL.search(source)) and not DECIMAL.search(source),
            quote=quote.group(1).decode() if quote else '"',
            empty="/>" if b"/>" in source and b" />" not in source else " />",
            glued=indent is not None and len(GLUED.findall(source)) > 1,
            indented=indent is not None or b"><" not in source,
            encoding=encoding,
        )

    def near(self, element: etree._Element) -> Style:
        """Narrow the style to the fields around an element: with or without `type` attributes."""
        for container in (element, *element.iterancestors()):
            fields = container if container.tag == "fields" else container.find("fields")
            values = [] if fields is None else fields.findall("field[type]/*")  # not those of actions
            if values:
                return replace(
                    self,
                    typed=any("type" in value.attrib for value in values if value.tag != "type"),
                    typed_kind=any("type" in value.attrib for value in values if value.tag == "type"),
                )
        return self

    def text(self, value: str) -> str:
        """Escape a text for element content."""
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
        return self._characters(escaped.replace("\n", self.newline))

    def attribute(self, value: str, quote: str = "") -> str:
        """Escape a value for an attribute and quote it."""
        quote = quote or self.quote
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        escaped = escaped.replace(quote, "&quot;" if quote == '"' else "&apos;")
        for blank in "\r\n\t":
            escaped = escaped.replace(blank, f"&#{ord(blank)};")
        return f"{quote}{self._characters(escaped)}{quote}"

    def _characters(self, text: str) -> str:
        """Write characters raw or as numeric references, whichever the file does."""
        bad = FORBIDDEN.search(text)
        if bad:
            raise DefinitionError("edit-text", f"character U+{ord(bad.group()):04X} cannot be written in XML")
        if text.isascii():
            return text
        spell = "&#x{:X};" if self.hexadecimal else "&#{};"
        return "".join(
            character
            if character.isascii() or (not self.ascii_only and self.encoding.can_encode(character))
            else spell.format(ord(character))
            for character in text
        )


def render(node: Node, style: Style, indent: str = "") -> str:
    """Write a node as the file would, without leading blanks; `indent` is that of the line it starts on."""
    attributes = dict(node.attributes)
    if node.value_type and (style.typed_kind if node.tag == "type" else style.typed or _needs_type(node)):
        attributes = {"type": node.value_type, **attributes}
    start = node.tag + "".join(f" {name}={style.attribute(value)}" for name, value in attributes.items())
    if not start.isascii() and not all(map(style.encoding.can_encode, start)):
        raise DefinitionError("edit-text", f"the name {node.tag} cannot be written in {style.encoding.codec}")
    if not node.children:
        return f"<{start}>{style.text(node.text)}</{node.tag}>" if node.text else f"<{start}{style.empty}"
    inner = indent + style.unit
    parts = [f"<{start}>"]
    previous: Node | None = None
    for child in node.children:
        parts.append(separator(style, inner, after_children=previous is not None and bool(previous.children)))
        parts.append(render(child, style, inner))
        previous = child
    parts.append(f"{style.newline}{indent}" if style.indented else "")
    parts.append(f"</{node.tag}>")
    return "".join(parts)


def separator(style: Style, indent: str, after_children: bool) -> str:
    """What stands before an element: nothing, or a line end and the indentation."""
    if not style.indented or (style.glued and after_children):
        return ""
    return style.newline + indent


def _needs_type(node: Node) -> bool:
    """Without its attribute a text that spells a boolean would be read as one."""
    return node.value_type == "str" and node.text in ("True", "False")

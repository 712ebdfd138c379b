"""Definitions and archives: read and checked, or refused with one line and a code; never anything else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.corpora import files
from tests.support.thorough import at_length
from workflows.checker.run import check_library
from workflows.definitions.kit import make_kit
from workflows.reader import DefinitionError, Library, load, read_bundle


@cache
def seeds() -> list[bytes]:
    """Real definitions: the kit's."""
    found = [content for content in make_kit("fr", "mairie").files().values() if content.lstrip().startswith(b"<")]
    assert len(found) > 3
    return found


def is_read_or_refused(raw: bytes) -> None:
    library = Library()
    try:
        library.add(load(raw, "fuzz.wcs"))
    except DefinitionError as error:
        assert error.code
        assert "\n" not in str(error)
    check_library(library)


def is_unpacked_or_refused(raw: bytes) -> None:
    library = Library()
    try:
        library.add_bundle(read_bundle(raw, "fuzz.tar"))
    except DefinitionError as error:
        assert error.code in ("not-bundle", "bundle-unsafe")
        assert "\n" not in str(error)
    check_library(library)


@pytest.mark.parametrize("file", files("definitions"), ids=lambda file: file.stem)
def test_what_is_kept(file) -> None:
    is_read_or_refused(file.read_bytes())
    is_unpacked_or_refused(file.read_bytes())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real definition in which some places were cut, doubled, exchanged or written over."""
    raw = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(raw) - 1))
        length = draw(st.integers(1, 40))
        other = draw(st.integers(0, len(raw) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del raw[place : place + length]
            case 1:
                raw[place:place] = raw[other : other + length * 5]
            case 2:
                raw[place : place + length] = draw(st.binary(max_size=8))
            case 3:
                begin = raw.find(b">", place) + 1
                end = raw.find(b"<", begin)
                if 0 < begin < end:
                    raw[begin:end] = draw(st.text(alphabet="aé-0%{}|=:\t ", max_size=20)).encode()
            case _:
                name = draw(
                    st.sampled_from([b"id", b"type", b"varname", b"items", b"condition", b"url", b"status", b"slug"])
                )
                raw = bytearray(raw.replace(b"<" + name + b">", b"<" + name + b"/><x>", 1))
        if not raw:
            return b""
    return bytes(raw)


@given(damaged())
@settings(max_examples=at_length(30, 120))
def test_damaged_definitions(raw: bytes) -> None:
    is_read_or_refused(raw)


ELEMENTS = st.recursive(
    st.text(alphabet="a1-é &", max_size=8).map(lambda text: text.replace("&", "&amp;")),
    lambda inner: st.builds(
        lambda name, attribute, children: f'<{name} {attribute}="{name}">{"".join(children)}</{name}>',
        st.sampled_from(
            [
                *(
                    "fields",
                    "field",
                    "id",
                    "type",
                    "label",
                    "varname",
                    "workflow",
                    "possible_status",
                    "status",
                    "items",
                    "item",
                ),
                *(
                    "roles",
                    "role",
                    "data_source",
                    "condition",
                    "value",
                    "wscall",
                    "request",
                    "url",
                    "post_data",
                    "options",
                ),
            ]
        ),
        st.sampled_from(["id", "slug", "type", "url"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(
    st.sampled_from(["formdef", "carddef", "workflow", "wscall", "datasource", "block", "category", "x"]),
    st.lists(ELEMENTS, max_size=5),
)
@settings(max_examples=at_length(30, 120))
def test_elements_in_odd_places(root: str, inner: list[str]) -> None:
    is_read_or_refused(f"<{root}>{''.join(inner)}</{root}>".encode())


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Archives with odd members, packed in one of four ways, and damaged or not."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for _ in range(draw(st.integers(0, 5))):
            name = draw(
                st.sampled_from(
                    ["manifest.json", "formdef/a", "../a", "/etc/passwd", "workflow/b", "./x", "a\\b", "formdef/"]
                )
                | st.text(alphabet="a/.é", min_size=1, max_size=6)
            )
            info = tarfile.TarInfo(name)
            info.type = draw(
                st.sampled_from([tarfile.REGTYPE, tarfile.REGTYPE, tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE])
            )
            content = draw(
                st.sampled_from(
                    [b"{}", b'{"elements": [{"type": "formdef", "slug": "a"}]}', b'{"elements": 5}', b"[", *seeds()]
                )
                | st.binary(max_size=30)
            )
            info.size = len(content) if info.type == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(content) if info.size else None)
    raw = stream.getvalue()
    if draw(st.booleans()):
        place = draw(st.integers(0, len(raw) - 1))
        raw = raw[:place] + draw(st.binary(max_size=10)) + raw[place + draw(st.integers(0, 600)) :]
    pack = draw(st.sampled_from([bytes, gzip.compress, bz2.compress, lzma.compress]))
    packed = pack(raw)
    return packed[: draw(st.integers(0, len(packed)))] if draw(st.booleans()) else packed


@given(archives())
@settings(max_examples=at_length(30, 120))
def test_any_archive(raw: bytes) -> None:
    is_unpacked_or_refused(raw)


@given(st.binary(max_size=600))
def test_any_bytes(raw: bytes) -> None:
    is_read_or_refused(raw)
    is_unpacked_or_refused(raw)

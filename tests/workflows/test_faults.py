"""Why a file cannot be taken, in the language of who dropped it."""

from __future__ import annotations

import ast
import errno
import io
import json
from collections.abc import Callable

import pytest

from tests.test_house import ROOT
from workflows.checker import check
from workflows.cli import main
from workflows.reader import DefinitionError, load, load_many, read_bundle
from workflows.reader.faults import XML_FAULTS

from .test_hostile_input import HOSTILE, archive

#: A file each for every fault that the reader tells apart, and the code of its finding.
FAULTS = [
    (b"hello", "WCS-I002"),
    (b"<a><b>", "WCS-I002"),
    (b"<a>\n b & c</a>", "WCS-I002"),
    (b"<a><!-- ", "WCS-I002"),
    (b"<a>\xc3", "WCS-I003"),
    (b"<a><b></a>", "WCS-I002"),
    (b'<a b="1" b="2"/>', "WCS-I002"),
    (b"<a/>x", "WCS-I002"),
    (b"<a>&nbsp;</a>", "WCS-I002"),
    (b"<a>&#0;</a>", "WCS-I002"),
    (b' <?xml version="1.0"?><a/>', "WCS-I002"),
    (b'<?xml versio="1.0"?><a/>', "WCS-I002"),
    (b'<?xml version="1.0" encoding="utf-16"?><a/>', "WCS-I003"),
    (b"<a><![CDATA[ ", "WCS-I002"),
    (b"<x:a/>", "WCS-I002"),
    (b'<x:a xmlns:x=""/>', "WCS-I002"),
    (b'<a xmlns:xml="urn:x"/>', "WCS-I002"),
    (b'<a xmlns:xmlns="urn:x"/>', "WCS-I002"),
    (b'<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>', "WCS-I002"),
    (b'<?xml version="1.0" encoding="martien"?><a/>', "WCS-I003"),
    (b'<?xml version="1.0" encoding="shift_jis"?><a/>', "WCS-I003"),
    (b"<a>\n\xe9</a>", "WCS-I003"),
    (b"<a>\n<" + b"n" * 60_000 + b"/></a>", "WCS-I002"),
    (b"<!DOCTYPE a><a/>", "WCS-I004"),
    (b"<html/>", "WCS-I006"),
]


def test_every_fault_of_a_file_has_its_own_sentence_in_both_languages(tmp_path) -> None:
    path = tmp_path / "form.wcs"
    told = set()
    for raw, code in FAULTS:
        path.write_bytes(raw)
        [french], [english] = check([path]), check([path], language="en")
        assert (french.code, english.code, french.line) == (code, code, english.line), raw
        title, _colon, detail = french.message.partition(" : ")
        assert not english.message.startswith(title), raw
        assert detail not in english.message, raw
        told.add(detail)
    assert len(told) == len(FAULTS)
    # Each kind of the parser is met, but for one which is seen before it is parsed.
    assert len(set(XML_FAULTS.values()) - told) == 1


def refusal(work: Callable[..., object], *arguments: object) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        work(*arguments)
    assert caught.value.said("en") == caught.value.message != caught.value.said("fr")
    return caught.value


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_the_english_is_left_in_french(name) -> None:
    refusal(load, HOSTILE[name][0], "form.wcs")


def test_a_bundle_that_cannot_be_taken_is_told_in_both_languages() -> None:
    told = set()
    for raw in (
        b"\x1f\x8b",
        b"\0" * 10_240,
        archive(manifest=[]),
    ):
        error = refusal(read_bundle, raw, "kit.tar")
        assert error.code == "not-bundle"
        told.add(error.said("fr"))
    assert len(told) == 3
    assert refusal(read_bundle, archive().replace(b"manifest.json", b"manifest.text"), "kit.tar").said("fr") in told


def test_a_path_that_cannot_be_read_is_told_in_both_languages(tmp_path) -> None:
    (tmp_path / "file").touch()
    missing = [load_many([path]).errors for path in (tmp_path / "none.wcs", tmp_path / "file" / "none.wcs")]
    [[one], [other]] = missing
    assert one.said("fr") == other.said("fr") != one.said("en")
    told = {one.said("fr")}
    for path in (tmp_path, "a\0b", "x" * 300):
        error = refusal(load, path)
        assert error.code == one.code == "unreadable"
        told.add(error.said("fr"))
    assert len(told) == 4
    assert str(errno.ENAMETOOLONG) in error.said("fr")


def test_make_bookable_says_it_in_the_language_asked_for(tmp_path) -> None:
    path = tmp_path / "form.wcs"
    path.write_bytes(b"<a/>x")
    error = refusal(load, path)
    for language in ("fr", "en"):
        errors = io.StringIO()
        asked = ["make-bookable", "--form", str(path), "--workflow", str(path), "--dry-run", "--language", language]
        assert main(asked, io.StringIO(), errors) == 2
        assert error.said(language) in errors.getvalue()


def test_every_fault_of_a_file_is_written_in_both_languages() -> None:
    silent, seen = [], 0
    for file in sorted((ROOT / "workflows/reader").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            code = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            # Edits are for programs.
            if node.func.id != "DefinitionError" or str(code).startswith("edit-"):
                continue
            seen += 1
            if "french" not in {word.arg for word in node.keywords}:
                silent.append(f"{file.name}:{node.lineno}")
    assert seen > 20
    # What is said of an edit is also put together in a function.
    assert [place for place in silent if not place.startswith("edits.py")] == []


def test_a_manifest_that_is_no_json_keeps_its_place() -> None:
    raw = archive(manifest={"a": 1}).replace(b'{"a": 1}', b'{"a": x}')
    error = refusal(read_bundle, raw, "kit.tar")
    with pytest.raises(json.JSONDecodeError) as place:
        json.loads('{"a": x}')
    assert f"1, colonne {place.value.colno})" in error.said("fr")

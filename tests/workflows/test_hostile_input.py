"""Hostile input: one clear line and a code, in bounded time and memory."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import tarfile

import pytest

from workflows.builder import bundle, to_xml
from workflows.cli import main
from workflows.reader import DefinitionError, Limits, load, load_many, read_bundle

from . import samples

BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<formdef><name>&b;</name></formdef>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><formdef><name>&a;</name></formdef>'
HOSTILE = {
    "empty": (b"", "empty-file"),
    "blank": (b" \n ", "empty-file"),
    "text": (b"hello", "not-xml"),
    "binary": (bytes(range(256)) * 10, "wrong-encoding"),
    "html entity": (b"<formdef><name>a&nbsp;b</name></formdef>", "not-xml"),
    "bare ampersand": (b"<formdef><name>a & b</name></formdef>", "not-xml"),
    "control character": (b"<formdef><name>\x01</name></formdef>", "not-xml"),
    "text after the root": (b"<formdef/>x", "not-xml"),
    "cut in the middle": (b"<formdef><name>x", "not-xml"),
    "entity bomb": (BOMB, "doctype"),
    "external entity": (OUTSIDE, "doctype"),
    "external subset": (b'<!DOCTYPE x SYSTEM "http://example.net/x.dtd"><formdef/>', "doctype"),
    "50 MB": (b"<formdef>" + b" " * 50_000_000, "too-big"),
    "deep": (b"<a>" * 1_000_000, "too-deep"),
    "wide": (b"<formdef>" + b"<a/>" * 1_000_000 + b"</formdef>", "too-many-elements"),
    "long value": (b"<formdef>" + b"x" * 15_000_000 + b"</formdef>", "too-big"),
    "not utf-8": (b"<formdef><name>\xe9</name></formdef>", "wrong-encoding"),
    "unknown encoding": (b'<?xml version="1.0" encoding="martian"?><formdef/>', "wrong-encoding"),
    "no text encoding": (b'<?xml version="1.0" encoding="rot13"?><formdef/>', "wrong-encoding"),
    "multi-byte encoding": (b'<?xml version="1.0" encoding="shift_jis"?><formdef/>', "wrong-encoding"),
    "declared utf-16 but is not": (b'<?xml version="1.0" encoding="utf-16"?><formdef/>', "wrong-encoding"),
    "cut utf-16": ("<formdef/>".encode("utf-16")[:-1], "not-xml"),
    "other root": (b"<html/>", "unknown-root"),
    "default namespace": (b'<formdef xmlns="urn:x"><name>a</name></formdef>', "unknown-root"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_with_one_line_and_a_code(name):
    raw, code = HOSTILE[name]
    with pytest.raises(DefinitionError) as caught:
        load(raw, "file.wcs")
    assert (caught.value.code, caught.value.path) == (code, "file.wcs")
    assert "\n" not in str(caught.value)


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(["check", *arguments], out, err), out.getvalue(), err.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_the_command_answers_hostile_xml_with_one_line_and_exit_1(name, tmp_path):
    path = tmp_path / "file.wcs"
    path.write_bytes(HOSTILE[name][0])
    code, out, _ = run(str(path))
    assert code == 1
    assert out.count("\n") == 1 and f"{path}:" in out and ": error: WCS-I00" in out


def archive(*members: tarfile.TarInfo, manifest: object = None) -> bytes:
    """A tar of empty members, with a manifest that names none unless given."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as tar:
        data = json.dumps(
            {"slug": "x", "version_number": "1", "elements": []} if manifest is None else manifest
        ).encode()
        info = tarfile.TarInfo("manifest.json")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
        for member in members:
            tar.addfile(member, io.BytesIO(b"\0" * member.size))
    return output.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


UNSAFE = {
    "parent": member("../x"),
    "parent inside": member("forms/../../x"),
    "absolute": member("/etc/passwd"),
    "backslash": member("..\\x"),
    "symbolic link": member("forms/x", tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": member("forms/x", tarfile.LNKTYPE, "manifest.json"),
    "device": member("forms/x", tarfile.CHRTYPE),
    "pipe": member("forms/x", tarfile.FIFOTYPE),
    "big member": member("forms/x", size=21_000_000),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_member_condemns_the_archive(name, tmp_path):
    path = tmp_path / "kit.tar"
    path.write_bytes(archive(UNSAFE[name]))
    with pytest.raises(DefinitionError) as caught:
        read_bundle(path.read_bytes())
    assert caught.value.code == "bundle-unsafe"
    code, out, _ = run(str(path))
    assert code == 1 and out.count("\n") == 1 and "WCS-I008" in out
    assert os.listdir(tmp_path) == ["kit.tar"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_compressed_bomb_is_stopped_before_it_unfolds(compress):
    zeros = compress(b"\0" * 3_000_000)
    limits = Limits(bundle_unpacked_size=1_000_000)
    with pytest.raises(DefinitionError) as caught:
        read_bundle(zeros, limits=limits)
    assert caught.value.code in ("bundle-unsafe", "not-bundle")
    with pytest.raises(DefinitionError) as caught:
        read_bundle(compress(archive(*[member(f"forms/{n}", size=400_000) for n in range(5)])), limits=limits)
    assert caught.value.code == "bundle-unsafe"


def test_too_many_members_or_elements_are_refused():
    with pytest.raises(DefinitionError, match="more than 3 members"):
        read_bundle(archive(*[member(f"forms/{n}") for n in range(4)]), limits=Limits(bundle_members=3))
    with pytest.raises(DefinitionError, match="more than 100 elements"):
        read_bundle(bundle("Kit", "1", samples.site()), limits=Limits(bundle_elements=100))


@pytest.mark.parametrize("raw", [b"\x1f\x8b\x08garbage", b"BZhgarbage", b"\xfd7zXZ\x00garbage", archive()[:300]])
def test_a_damaged_archive_is_no_bundle(raw, tmp_path):
    path = tmp_path / "kit.tar"
    path.write_bytes(raw)
    assert [error.code for error in load_many([path]).errors] in (["not-bundle"], ["not-xml"])


@pytest.mark.parametrize("manifest", [[], "x", {"elements": "x"}, {"elements": [1, {"type": []}]}, {"icon": [1]}])
def test_an_odd_manifest_gives_findings(manifest, tmp_path):
    path = tmp_path / "kit.tar"
    path.write_bytes(archive(manifest=manifest))
    code, out, _ = run(str(path))
    assert code == 1 and "WCS-I0" in out


def test_the_size_is_looked_at_before_reading(tmp_path):
    path = tmp_path / "sparse.wcs"
    with path.open("wb") as file:
        file.truncate(10**12)
    assert [error.code for error in load_many([path]).errors] == ["too-big"]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wcs")
    assert [error.code for error in load_many([tmp_path]).errors] == ["unreadable"]


def test_links_to_directories_are_not_followed(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.wcs").write_bytes(to_xml(samples.call()))
    assert len(load_many([tmp_path])) == 1


def test_a_file_full_of_faults_gives_a_bounded_report(tmp_path):
    path = tmp_path / "w.wcs"
    items = b"<item/>" * 20_000
    path.write_bytes(
        b"<workflow><name>x</name><possible_status><status><id>1</id><items>"
        + items
        + b"</items></status></possible_status></workflow>"
    )
    path.write_bytes(path.read_bytes().replace(b"><item", b">\n<item"))
    code, out, _ = run(str(path))
    assert code == 1 and out.count("\n") == 1001 and "WCS-I010" in out

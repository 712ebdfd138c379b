"""`wcs check`: lines, JSON, exit codes; and that no input makes the checker crash."""

from __future__ import annotations

import io
import json
import random
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.thorough import at_length
from workflows.builder import file_name, to_xml
from workflows.checker import check_library
from workflows.cli import main
from workflows.reader import DefinitionError, Library, load

from . import samples
from .exports import EXPORTS, FILES, needs_exports

pytestmark = pytest.mark.servers

BROKEN = to_xml(samples.workflow()).replace(b"<post>False</post>", b"<post>false</post>")


def run(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return main(["check", *map(str, arguments)], out, err), out.getvalue(), err.getvalue()


def test_a_faultless_directory_says_nothing_and_exits_0(tmp_path):
    for node in samples.site():
        (tmp_path / file_name(node)).write_bytes(to_xml(node))
    assert run("--strict-refs", tmp_path) == (0, "", "")


def test_a_finding_is_one_line_with_path_line_severity_and_code(tmp_path):
    path = tmp_path / "w.wcs"
    path.write_bytes(BROKEN)
    line = BROKEN[: BROKEN.index(b"<post>false")].count(b"\n") + 1
    code, out, err = run(path)
    assert (code, err) == (1, "")
    assert re.fullmatch(rf"{re.escape(str(path))}:{line}: error: WCS-I305 .+ <post> false\n", out)


def test_json_holds_the_same_and_the_remedy(tmp_path):
    path = tmp_path / "w.wcs"
    path.write_bytes(BROKEN)
    code, out, _ = run("--json", path)
    [finding] = json.loads(out)
    assert code == 1
    assert list(finding) == ["path", "line", "severity", "family", "code", "message", "remedy"]
    assert (finding["path"], finding["severity"], finding["family"]) == (str(path), "error", "import")
    assert finding["code"] == "WCS-I305" and finding["message"] and finding["remedy"]


def test_json_of_a_faultless_file_is_an_empty_list(tmp_path):
    path = tmp_path / "c.wcs"
    path.write_bytes(to_xml(samples.call()))
    assert run("--json", path) == (0, "[]\n", "")


def test_a_warning_alone_exits_0(tmp_path):
    path = tmp_path / "c.wcs"
    path.write_bytes(to_xml(samples.call()).replace(b"<method>POST", b"<method>SEND"))
    code, out, _ = run(path)
    assert code == 0 and ": warning: WCS-I412" in out


def test_a_path_that_does_not_exist_exits_2(tmp_path):
    code, out, err = run(tmp_path / "no.wcs")
    assert (code, out) == (2, "") and err.count("\n") == 1


def test_a_wrong_usage_exits_2():
    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 2


def test_the_module_runs_alone_in_any_locale(tmp_path):
    path = tmp_path / "é.wcs"
    path.write_bytes(BROKEN)
    command = [sys.executable, "-m", "workflows", "check", str(path)]
    done = subprocess.run(command, capture_output=True, env={"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1 and done.stderr == b"" and done.stdout.count(b"\n") == 1


def test_the_library_needs_no_django():
    code = "import sys, workflows.cli.check, workflows.builder; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@needs_exports
def test_no_real_export_has_an_error():
    code, out, _ = run(EXPORTS)
    assert (code, out.count(": error: ")) == (0, 0)


@needs_exports
@pytest.mark.parametrize("path", FILES[::8], ids=lambda path: path.name)
def test_no_real_export_has_an_error_by_itself(path):
    code, out, _ = run(path)
    assert (code, out.count(": error: ")) == (0, 0)


SOURCES = [to_xml(node) for node in samples.site()]


@settings(max_examples=at_length(15, 60), deadline=None)
@given(st.integers(0, 2**32))
def test_random_mutations_of_the_tree_give_findings_and_never_exceptions(seed):
    """Fifty mutations an example: 3000 in all."""
    chance = random.Random(seed)
    for _ in range(50):
        root = etree.fromstring(chance.choice(SOURCES))
        for _ in range(chance.randint(1, 3)):
            mutate(root, chance)
        try:
            library = Library([load(etree.tostring(root), "x.wcs")])
        except DefinitionError:
            continue
        check_library(library, strict_refs=chance.random() < 0.5, roles=["x"])


def mutate(root: etree._Element, chance: random.Random) -> None:
    elements = list(root.iter())
    element, other = chance.choice(elements), chance.choice(elements)
    what = chance.randrange(7)
    if what == 0 and element is not root:
        element.getparent().remove(element)
    elif what == 1:
        element.text = chance.choice(
            [None, "", " ", "x", "True", "12", "{{ x }}", "carddef:", "block:", "_", ":", "é" * 9]
        )
    elif what == 2:
        element.tag = other.tag
    elif what == 3:
        element.attrib.clear()
    elif what == 4:
        element.set(chance.choice(["type", "id", "slug", "key"]), chance.choice(["", "int", "list", "jump", "bool"]))
    elif what == 5:
        element.append(etree.fromstring(etree.tostring(other, with_tail=False)))
    else:
        element.clear()


@settings(max_examples=at_length(37, 150), deadline=None)
@given(st.sampled_from(SOURCES), st.integers(0, 10**6), st.binary(max_size=4), st.integers(0, 30))
def test_random_damage_to_the_bytes_gives_findings_and_never_exceptions(raw, place, junk, cut):
    start = place % len(raw)
    damaged = raw[:start] + junk + raw[start + cut :]
    try:
        document = load(damaged, "x.wcs")
    except DefinitionError as error:
        assert "\n" not in str(error)
    else:
        check_library(Library([document]))

"""The studio: definitions checked and made bookable in the browser, hostile files refused, nothing kept."""

from __future__ import annotations

import html
import io
import re
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapter.manager.studio import examining, package, uploads
from adapter.manager.studio.diff import blocks, compare
from adapter.manager.studio.uploads import file_name
from tests.workflows.appointments import booking, form, save, slot_field, workflow
from workflows import builder as b
from workflows.checker import check
from workflows.definitions import make_kit
from workflows.typography import spaced
from workflows.upgrader import make_bookable

STUDIO = "/manage/studio/"


@pytest.fixture
def definitions(tmp_path) -> list[Path]:
    """A form that books without holding, and its workflow."""
    return save(tmp_path, form(), workflow(booking()))


def drop(client: Client, *files: Path | tuple[str, bytes], **fields: str):
    """Examine files; the answer and its text."""
    named = [(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files]
    answer = client.post(STUDIO, {"files": [SimpleUploadedFile(*file) for file in named], **fields})
    return answer, html.unescape(answer.content.decode())


def statuses(answer) -> list[str]:
    """What can be done with each form that was dropped."""
    return [form.status for form, *_packages in answer.context["upgrades"]]


def downloaded(client: Client, page: str) -> dict[str, bytes]:
    """The files in the zip that the page offers."""
    values = {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("package", "form")}  # type: ignore[index]
    answer = client.post(f"{STUDIO}download/", values)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rdv-reservable.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_findings_are_those_of_the_checker(log_in, definitions) -> None:
    answer, page = drop(log_in("editor"), *definitions)
    assert answer.status_code == 200
    expected = check(definitions)
    assert expected
    # What is typed is marked.
    assert "<code>wcs make-bookable</code>" in page
    plain = re.sub("</?code>", "`", page)
    for finding in expected:
        assert spaced(finding.message) in plain
        assert finding.code in page
        assert spaced(finding.remedy) in plain
        assert f" {finding.line}</span>" in page


def test_a_file_that_cannot_be_parsed_or_decoded_is_told_in_the_language_of_the_page(log_in) -> None:
    files = ("a.wcs", b"<formdef>\n<a></formdef>"), ("b.wcs", b"<formdef>\n\n\xe9</formdef>")
    client, told = log_in("editor"), {}
    for language in ("fr", "en"):
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        answer, _page = drop(client, *files)
        told[language] = answer.context["findings"]
        assert [(finding.path, finding.line) for finding in told[language]] == [("a.wcs", 2), ("b.wcs", 3)]
    for french, english in zip(*told.values(), strict=True):
        assert (french.code, french.line) == (english.code, english.line)
        assert french.message != english.message


def test_what_would_change_is_shown_with_its_reason_and_can_be_taken_away(log_in, definitions, tmp_path) -> None:
    client = log_in("editor")
    _answer, page = drop(client, *definitions)
    expected = make_bookable(definitions[0], [definitions[1]])
    assert expected.changes
    for change in expected.changes:
        assert spaced(change.what) in page
        assert spaced(change.why) in page
    assert "form_submission_context_lock_code" in page
    files = downloaded(client, page)
    assert files == expected.files
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert not [finding for finding in check([tmp_path]) if finding.severity == "error"]
    # Dropped again, there is nothing left to do.
    answer, page = drop(client, *files.items())
    assert statuses(answer) == ["already-bookable"]
    assert f"{STUDIO}download/" not in page


def test_the_values_for_the_agenda_s_tab_are_shown_with_its_link(log_in, definitions) -> None:
    _answer, page = drop(log_in("editor"), *definitions)
    assert "<dd>creneau</dd>" in page
    assert "/manage/agendas/mairie/settings/#open:backoffice-booking" in page
    assert "/manage/agendas/cachee/" not in page


def test_a_bundle_is_examined_like_files(log_in, definitions) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        elements = [{"type": "forms", "slug": "rdv"}, {"type": "workflows", "slug": "rdv"}]
        members = {"manifest.json": str({"elements": elements}).replace("'", '"').encode()}
        members |= {
            f"{e['type']}/{e['slug']}": path.read_bytes() for e, path in zip(elements, definitions, strict=True)
        }
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    client = log_in("editor")
    _answer, page = drop(client, ("application.tar", target.getvalue()))
    assert "application.tar:forms/rdv" in page
    files = downloaded(client, page)
    assert set(files) == {"form-rdv.wcs", "workflow-rdv.wcs", "wscall-preblocage_rdv.wcs"}
    assert files == make_bookable(definitions[0], [definitions[1]]).files


def test_the_kit_can_be_taken_away_and_is_clean(log_in) -> None:
    client = log_in("editor")
    raw = client.get(f"{STUDIO}kit/").content
    assert raw == make_kit("fr", "", []).bundle()
    answer, _page = drop(client, ("kit.tar", raw))
    assert answer.context["errors"] == 0
    assert statuses(answer) == ["already-bookable"]


def test_a_form_without_its_workflow_or_a_workflow_alone_offers_nothing(log_in, definitions) -> None:
    for alone, expected in zip(definitions, (["no-workflow"], []), strict=True):
        answer, page = drop(log_in("editor"), alone)
        assert statuses(answer) == expected
        assert 'name="package"' not in page


def test_a_refusal_is_shown_with_its_reason_and_offers_nothing(log_in, tmp_path) -> None:
    paths = save(
        tmp_path, form(), workflow(b.webservice_call("Autre", "https://x.test/", "x", b.OnErrors.all(":pass")))
    )
    answer, page = drop(log_in("editor"), *paths)
    assert statuses(answer) == ["refused"]
    assert make_bookable(paths[0], [paths[1]]).reason in page
    assert 'name="package"' not in page


def test_the_identifier_of_a_field_can_be_given(log_in, tmp_path) -> None:
    paths = save(tmp_path, form(slot_field("plage")), workflow(booking("{{ form_var_plage_api_fillslot_url }}")))
    _answer, page = drop(log_in("editor"), *paths, slot="nulle_part")
    assert make_bookable(paths[0], [paths[1]], slot_field="nulle_part").reason in page
    assert 'value="nulle_part"' in page
    _answer, page = drop(log_in("editor"), *paths, slot="plage")
    assert "<dd>plage</dd>" in page


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><formdef><name>&b;</name></formdef>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><formdef><name>&f;</name></formdef>'


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("entities.wcs", ENTITY),
        ("outside.wcs", OUTSIDE),
        ("broken.wcs", b"<formdef><name>"),
        ("deep.wcs", b"<formdef>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</formdef>"),
        ("other.xml", b"<html><body>hello</body></html>"),
        ("empty.wcs", b""),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("bomb.tar", b"\x1f\x8b" + b"\0" * 100),
        ("big.wcs", b"<formdef>" + b" " * (4 * uploads.MEGABYTE) + b"</formdef>"),
    ],
)
def test_hostile_and_broken_files_are_findings_never_crashes(log_in, name, raw) -> None:
    answer, page = drop(log_in("editor"), (name, raw))
    assert answer.status_code in (200, 400)
    assert "Traceback" not in page
    assert "root:" not in page
    if raw:
        assert name in page
        assert answer.context["errors"] > 0


def test_a_good_file_is_examined_though_its_neighbour_is_broken(log_in, definitions) -> None:
    client = log_in("editor")
    _answer, page = drop(client, *definitions, ("broken.wcs", b"<formdef>"))
    assert "broken.wcs" in page
    assert "wscall-preblocage_rdv.wcs" in downloaded(client, page)


def test_too_much_is_refused_before_it_is_read(log_in, monkeypatch) -> None:
    monkeypatch.setattr("adapter.manager.views.studio.read_uploads", pytest.fail)
    client = log_in("editor")
    answer, _page = drop(client, ("big.wcs", b" " * (uploads.MOST_BYTES + 200_000)))
    assert answer.status_code == 413
    assert answer.context["problems"] and "8 Mo" in answer.context["problems"][0]
    assert client.post(STUDIO, CONTENT_LENGTH="nonsense").status_code == 413


def test_too_many_files_and_doubles_are_told(log_in, definitions) -> None:
    many = [(f"{number}.wcs", b"<x/>") for number in range(uploads.MOST_FILES + 5)]
    answer, _page = drop(log_in("editor"), *many)
    [problem] = answer.context["problems"]
    assert str(uploads.MOST_FILES) in problem
    answer, _page = drop(log_in("editor"), definitions[0], (f"dossier/{definitions[0].name}", b"<x/>"))
    [problem] = answer.context["problems"]
    assert definitions[0].name in problem


def test_without_a_file_it_asks_for_one(log_in) -> None:
    answer = log_in("editor").post(STUDIO)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_texts_of_files_are_never_markup(log_in) -> None:
    evil = '"><script>alert(1)</script>'
    answer = log_in("editor").post(
        STUDIO,
        {
            "files": SimpleUploadedFile(
                "<script>x</script>.wcs", f"<formdef><name>{html.escape(evil)}</name></formdef>".encode()
            ),
            "slot": evil,
        },
    )
    assert "<script>alert" not in answer.content.decode()
    assert "<script>x" not in answer.content.decode()


def test_only_what_this_session_was_given_can_be_taken_away(log_in, definitions) -> None:
    editor = log_in("editor")
    _answer, page = drop(editor, *definitions)
    given = re.search('name="package" value="([^"]*)"', page)[1]  # type: ignore[index]
    assert (
        editor.post(f"{STUDIO}download/", {"package": given, "form": '../a"b\r\nX: y'}).headers["Content-Disposition"]
        == 'attachment; filename="a-b-X-y-reservable.zip"'
    )
    assert editor.post(f"{STUDIO}rehearse/", {"package": given}).status_code == 400
    for client, text in ((log_in("admin"), given), (log_in("editor"), given), (editor, f"x{given}"), (editor, "")):
        answer = client.post(f"{STUDIO}download/", {"package": text})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()


def test_a_result_too_big_for_the_page_names_the_command(log_in, definitions, monkeypatch) -> None:
    monkeypatch.setattr(package, "MOST_BYTES", 10)
    _answer, page = drop(log_in("editor"), *definitions)
    assert "wcs make-bookable" in page
    assert 'name="package"' not in page


def test_files_beside_the_server_are_never_looked_at(log_in, definitions, monkeypatch) -> None:
    """The command finds data sources beside its files; here they would be the server's own."""
    monkeypatch.chdir(definitions[0].parent)
    monkeypatch.setattr("workflows.upgrader.upgrade._beside", lambda _given: pytest.fail("looked"))
    answer, _page = drop(log_in("editor"), *definitions)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\form.wcs", "form.wcs"),
        ("a\0b\n.wcs", "ab.wcs"),
        ("..", "definition"),
        ("", "definition"),
    ],
)
def test_names_of_files_are_made_safe(name, safe) -> None:
    assert file_name(name) == safe


LINES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=30)


@given(LINES, LINES)
def test_a_difference_covers_both_files_and_nothing_else(old, new) -> None:
    left, right = 0, 0
    for equal, i, j in blocks(old, new):
        assert (i.start, j.start) == (left, right)
        if equal:
            assert len(i) == len(j) > 0
            assert old[i.start : i.stop] == new[j.start : j.stop]
        left, right = i.stop, j.stop
    assert (left, right) == (len(old), len(new))


@given(LINES, LINES)
def test_the_rows_of_a_difference_give_the_new_file_back(old, new) -> None:
    raw = ["\n".join(lines).encode() for lines in (old, new)]
    files = compare({"x": raw[0]}, {"x": raw[1]})
    assert len(files) == (raw[0] != raw[1])
    for file in files:
        result = list(old)
        for row in sorted((row for row in file.rows if row.kind == "removed"), key=lambda row: -row.old):
            del result[row.old - 1]
        for row in sorted((row for row in file.rows if row.kind == "added"), key=lambda row: row.new):
            result.insert(row.new - 1, row.before + row.changed + row.after)
        assert result == new


def test_a_difference_of_hostile_files_takes_no_longer_than_of_others() -> None:
    """The usual algorithm needs hours for these: every line is like every other."""
    old = b"x\n" * 60_000
    [file] = compare({"x": old}, {"x": b"y\n" + b"x\n" * 30_000 + b"z\n" + b"x\n" * 30_000})
    assert (file.added, file.removed) == (2, 0)


def test_only_what_changed_in_a_long_line_is_shown() -> None:
    line = "<a>" + "x" * 5000
    [file] = compare({"x": line.encode()}, {"x": f"{line}NEW{line}".encode()})
    removed, added = file.rows
    assert len(added.before) < 200 and "NEW" in added.changed + added.before + added.after
    assert removed.kind == "removed"


def test_hostile_templates_are_examined_or_refused_and_hold_no_web_process(log_in, definitions, monkeypatch) -> None:
    """The work is done elsewhere: here it would fail."""
    monkeypatch.setattr(examining, "work", pytest.fail)
    path = definitions[1]
    raw = path.read_bytes()
    for template in ("{{" * 8000, "{% if " * 20_000, "{{ a|" * 20_000):
        hostile = re.sub(rb"<url>.*?</url>", b"<url>" + template.encode() + b"</url>", raw, count=1)
        assert hostile != raw
        answer, _page = drop(log_in("editor"), definitions[0], (path.name, hostile))
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"seconds": 0.05}, "trop de temps"), ({"memory": 30 * 1024**2}, "ne peuvent pas être examinés ici")],
)
def test_an_examination_has_a_limit_of_time_and_memory(log_in, definitions, monkeypatch, limits, words) -> None:
    monkeypatch.setattr(examining, "LIMITS", replace(examining.LIMITS, **limits))
    answer, page = drop(log_in("editor"), *definitions)
    assert answer.status_code == 422
    assert words in page


def test_a_fault_of_an_examination_is_logged_without_what_it_quotes(log_in, definitions, monkeypatch, tmp_path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nraise KeyError('a name of somebody')\n")
    program.chmod(0o700)
    monkeypatch.setattr(examining.sys, "executable", str(program))
    with capture_logs() as events:
        assert drop(log_in("editor"), *definitions)[0].status_code == 422
    assert [event["error"] for event in events if event["event"] == "examination_broke"] == ["KeyError"]


def test_one_examination_at_a_time(log_in, definitions) -> None:
    with examining._alone():
        answer, page = drop(log_in("editor"), *definitions)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert drop(log_in("editor"), *definitions)[0].status_code == 200

"""`wcs rehearse`: exit codes, reports, and an adapter that runs already."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.test_judgements import CONFIRM, definitions
from workflows.cli import main
from workflows.rehearsal.adapter import ThrowAwayAdapter, free_port
from workflows.rehearsal.clock import Clock
from workflows.rehearsal.http import Client
from workflows.rehearsal.trace import Trace

pytestmark = pytest.mark.servers


def rehearse(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        code = main(["rehearse", *arguments], out, err)
    except SystemExit as stopped:
        code = int(str(stopped.code))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def running() -> Iterator[ThrowAwayAdapter]:
    """An adapter that somebody else started."""
    with ThrowAwayAdapter(f"http://127.0.0.1:{free_port()}/") as adapter:
        yield adapter


@pytest.fixture
def against(running) -> tuple[str, ...]:
    return ("--url", running.url, "--orig", running.orig, "--key", running.key)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """A form with its workflow and call, as files."""
    return write(tmp_path, CONFIRM)


def write(folder: Path, body: dict[str, str]) -> tuple[str, ...]:
    for document in definitions(body).documents:
        (folder / document.path).write_bytes(document.raw)
    return (
        *("--form", str(folder / "form-rdv.wcs"), "--workflow", str(folder / "workflow-rdv.wcs")),
        *("--call", str(folder / "wscall-bloquer.wcs")),
    )


def test_a_good_form_passes_and_leaves_nothing_in_the_running_adapter(files, against, running) -> None:
    before = live(running)
    code, out, err = rehearse(*files, *against, "--journey", "citizen", "--journey", "backoffice", "--language", "en")
    assert (code, err) == (0, "")
    assert "✔ citizen" in out
    assert "✔ backoffice" in out
    assert "All journeys that were played passed." in out
    assert live(running) == before


def live(running: ThrowAwayAdapter) -> list[tuple[str, bool]]:
    """What can be taken, as somebody else sees it."""
    client = Client(running.orig, {"127.0.0.1": running.key}, Clock(), Trace())
    listed = client.send("test", "GET", f"{running.url}api/agenda/mairie/meetings/passeport/datetimes/")
    return [(slot["id"], slot["disabled"]) for slot in listed.json["data"]]


def test_against_a_running_adapter_what_cannot_be_played_is_said(against) -> None:
    code, out, _err = rehearse(*against, "--language", "en")
    assert code == 0
    assert out.count("A scene is left out") == 2


def test_a_failed_journey_exits_with_1_and_shows_its_calls(tmp_path, against) -> None:
    files = write(tmp_path, {name: value for name, value in CONFIRM.items() if name != "confirm_after_lock"})
    code, out, _err = rehearse(*files, *against, "--journey", "citizen", "--language", "fr")
    assert code == 1
    assert "✘ citizen" in out
    assert "sans confirm_after_lock" in out.replace("\n", " ")
    assert "→ wcs make-bookable" in out
    assert "/fillslot/" in out
    assert "signature=" not in out


def test_json_tells_each_call_and_the_verdict(files, against) -> None:
    code, out, _err = rehearse(*files, *against, "--journey", "citizen", "--json")
    report = json.loads(out)
    assert (code, report["verdict"]) == (0, "passed")
    [journey] = report["journeys"]
    assert (journey["journey"], journey["verdict"]) == ("citizen", "passed")
    booking = journey["calls"][-1]
    assert {"who", "method", "url", "body", "status", "answer", "ms", "error", "fault"} <= set(booking)
    assert (booking["method"], booking["status"], booking["answer"]["err"]) == ("POST", 200, 0)


def test_the_page_to_share_is_one_file_and_escapes_what_comes_from_definitions(tmp_path, against) -> None:
    files = write(tmp_path, {**CONFIRM, "label": "<script>alert(1)</script>"})
    page = tmp_path / "report.html"
    assert rehearse(*files, *against, "--journey", "citizen", "--html", str(page))[0] == 0
    text = page.read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    assert 'http-equiv="Content-Security-Policy"' in text
    assert not any(mark in text for mark in ("src=", "href=", "@import"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workflow", "pyproject.toml"), "need --form"),
        (("--form", "nowhere.wcs", "--workflow", "nowhere.wcs"), "cannot be read"),
        (("--form", "pyproject.toml"), "--workflow FILE is needed"),
        (("--value", "x"), "NAME=VALUE"),
        (("--journey", "unheard-of"), ""),
        (("--fault", "redis-down", "--url", "http://127.0.0.1:1/"), "leave --url out"),
    ],
)
def test_wrong_usage_exits_with_2(arguments, said) -> None:
    code, out, err = rehearse(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_two_forms_in_one_file_are_not_guessed_among(tmp_path, against) -> None:
    write(tmp_path, CONFIRM)
    code, _out, err = rehearse("--form", str(tmp_path / "workflow-rdv.wcs"), "--with", str(tmp_path), *against)
    assert code == 2
    assert "0 forms" in err


def test_an_adapter_that_does_not_answer_fails_the_journey_in_words(files) -> None:
    code, out, _err = rehearse(*files, "--url", "http://127.0.0.1:1/", "--journey", "citizen", "--language", "en")
    assert code == 1
    assert "The adapter:" in out
    assert "Traceback" not in out


def test_a_bundle_can_be_played_as_it_is(tmp_path, against) -> None:
    out, err = io.StringIO(), io.StringIO()
    bundle = tmp_path / "kit.tar"
    assert main(["export", str(tmp_path / "kit"), "--role", "Agents", "--bundle", str(bundle)], out, err) == 0
    code, told, _err = rehearse("--with", str(bundle), *against, "--journey", "citizen", "--language", "en")
    assert (code, "✔ citizen" in told) == (0, True)

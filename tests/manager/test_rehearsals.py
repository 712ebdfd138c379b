"""Rehearsals asked for in the studio: confined, for their session only, forgotten soon."""

from __future__ import annotations

import datetime
import html
import io
import re
import uuid
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from adapter.manager.models import Rehearsal
from adapter.manager.services import rehearsals as services
from adapter.manager.services.rehearsals import carry_out, forget_old
from adapter.manager.studio.playing import NotPlayed, Played, pack_definitions, play_definitions
from adapter.manager.views import rehearsals as views
from tests.agendas.builders import NOW
from tests.support.wcs_double import WcsDouble
from tests.workflows.appointments import booking, form, save, workflow
from workflows import builder as b
from workflows.definitions import make_kit
from workflows.rehearsal.clock import Clock
from workflows.rehearsal.http import Client as Interpreter
from workflows.rehearsal.http import NoAnswer
from workflows.rehearsal.trace import Trace

STUDIO = "/manage/studio/"
JOURNEY = {"journey": "citizen", "title": "Un usager réserve", "steps": ["Tout va bien"], "notices": []}
GOOD = Played({"journeys": [{**JOURNEY, "verdict": "passed", "findings": []}]}, "<h1>Rapport</h1>")


@pytest.fixture
def queued(monkeypatch) -> list[uuid.UUID]:
    """What is given to the worker; no worker runs."""
    given: list[uuid.UUID] = []
    monkeypatch.setattr(views, "queue_rehearsal", lambda number: given.append(number) or True)
    monkeypatch.setattr(views, "now", lambda: NOW)
    return given


def ask(client: Client, folder: Path) -> str:
    """Drop definitions and ask for their rehearsal; the address of its page."""
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in save(folder, form(), workflow(booking()))]
    page = html.unescape(client.post(STUDIO, {"files": files}).content.decode())
    [target] = [found for found in re.findall(r"<form.*?</form>", page, re.DOTALL) if f"{STUDIO}rehearse/" in found]
    values = dict(re.findall(r'name="(package|name)" value="([^"]*)"', target))
    answer = client.post(f"{STUDIO}rehearse/", values)
    assert answer.status_code == 302
    return str(answer.url)


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_what_is_played_is_what_would_be_imported(log_in, queued, tmp_path) -> None:
    client = log_in("editor")
    page = ask(client, tmp_path)
    rehearsal = Rehearsal.objects.get()
    assert queued == [rehearsal.pk]
    with zipfile.ZipFile(io.BytesIO(bytes(rehearsal.definitions))) as archive:
        assert sorted(archive.namelist()) == [
            "form/form-rdv.wcs",
            "other/wscall-preblocage_creneau.wcs",
            "workflow/workflow-rdv.wcs",
        ]
        assert b"webservice.preblocage_creneau.err == 0" in archive.read("form/form-rdv.wcs")
    assert f'data-waiting="{page}state/"' in client.get(page).content.decode()
    assert client.get(f"{page}state/").json() == {"state": "waiting"}


def test_the_report_is_shown_and_the_definitions_are_forgotten(log_in, queued, tmp_path) -> None:
    client = log_in("editor")
    page = ask(client, tmp_path)
    failing = {
        **JOURNEY,
        "verdict": "failed",
        "findings": [{"severity": "error", "message": "<b>Non</b>", "remedy": "Faites ceci"}],
    }
    played = Played({"journeys": [GOOD.report["journeys"][0], failing]}, GOOD.page)
    assert carry_out(queued[0], lambda _raw, _language: played, now=lambda: NOW)
    assert bytes(Rehearsal.objects.get().definitions) == b""
    content = client.get(page).content.decode()
    assert re.findall(r'<section class="journey (\w+)"', content) == ["passed", "failed"]
    assert "warningnotice" in content
    assert "Tout va bien" in content
    assert "&lt;b&gt;Non" in content
    assert "Faites ceci" in content
    report = client.get(f"{page}report/")
    assert report.content == b"<h1>Rapport</h1>"
    assert report.headers["Content-Disposition"].startswith("attachment")


def test_it_is_played_once_however_often_it_is_delivered(log_in, queued, tmp_path) -> None:
    ask(log_in("editor"), tmp_path)
    assert carry_out(queued[0], lambda *_: GOOD, now=lambda: NOW)
    assert not carry_out(queued[0], pytest.fail, now=lambda: NOW)
    assert not carry_out(uuid.uuid4(), pytest.fail, now=lambda: NOW)


@pytest.mark.parametrize(
    ("failure", "problem", "detail"),
    [
        (NotPlayed("timeout"), "timeout", ""),
        (NotPlayed("refused", "la raison"), "refused", "la raison"),
        (RuntimeError(), "broken", ""),
    ],
)
def test_what_cannot_be_played_is_told(log_in, queued, tmp_path, failure, problem, detail) -> None:
    client = log_in("editor")
    page = ask(client, tmp_path)

    def play(_raw: bytes, _language: str) -> Played:
        raise failure

    if isinstance(failure, NotPlayed):
        carry_out(queued[0], play, now=lambda: NOW)
    else:
        with pytest.raises(RuntimeError):
            carry_out(queued[0], play, now=lambda: NOW)
    assert Rehearsal.objects.get().problem == problem
    answer = client.get(page)
    assert answer.context["problem"] == views.PROBLEMS[problem]
    assert detail in re.search(r'role="alert">(.*?)</div>', answer.content.decode())[1]  # type: ignore[index]
    assert bytes(Rehearsal.objects.get().definitions) == b""
    assert client.get(f"{page}report/").status_code == 404


def test_it_belongs_to_its_session(log_in, queued, tmp_path) -> None:
    page = ask(log_in("editor"), tmp_path)
    for role in ("admin", "editor"):  # the same agent, logged in anew, is another session
        for path in (page, f"{page}state/", f"{page}report/"):
            assert log_in(role).get(path).status_code == 404
    assert log_in("viewer").get(page).status_code == 403
    assert log_in("editor").post(f"{STUDIO}rehearse/", {"package": "made up"}).status_code == 400


def test_few_wait_and_a_session_has_one(log_in, queued, tmp_path, monkeypatch) -> None:
    client = log_in("editor")
    ask(client, tmp_path / "a")
    ask(client, tmp_path / "b")
    assert Rehearsal.objects.count() == 1
    monkeypatch.setattr(services, "MOST_WAITING", 1)
    files = [
        SimpleUploadedFile(path.name, path.read_bytes()) for path in save(tmp_path / "c", form(), workflow(booking()))
    ]
    other = log_in("admin")
    page = html.unescape(other.post(STUDIO, {"files": files}).content.decode())
    package = re.findall(r'name="package" value="([^"]*)"', page)[-1]
    answer = other.post(f"{STUDIO}rehearse/", {"package": package, "name": "x"})
    assert answer.status_code == 503
    assert Rehearsal.objects.count() == 1


def test_without_a_broker_or_a_worker_the_agent_reads_it(log_in, queued, tmp_path, monkeypatch) -> None:
    client = log_in("editor")
    page = ask(client, tmp_path / "a")
    assert client.get(page).context["nobody_plays"] is False
    monkeypatch.setattr(views, "now", lambda: NOW + datetime.timedelta(minutes=5))
    assert client.get(page).context["nobody_plays"] is True
    monkeypatch.setattr(views, "queue_rehearsal", lambda _number: False)
    page = ask(client, tmp_path / "b")
    assert client.get(page).context["problem"] == views.PROBLEMS["queue"]


def test_old_ones_are_forgotten_and_dead_ones_given_up(log_in, queued, tmp_path) -> None:
    ask(log_in("editor"), tmp_path)
    Rehearsal.objects.update(state=Rehearsal.State.RUNNING, started_at=NOW)
    assert forget_old(now=NOW + datetime.timedelta(minutes=10)) == 0
    rehearsal = Rehearsal.objects.get()
    assert (rehearsal.state, bytes(rehearsal.definitions)) == (Rehearsal.State.FAILED, b"")
    assert forget_old(now=NOW + datetime.timedelta(hours=3)) == 1


@pytest.mark.servers
def test_the_kit_is_really_played(tmp_path) -> None:
    """In a process of its own, with a throw-away adapter; one journey, the others have tests of their own."""
    files = make_kit("fr", "", ["Agents"]).files()
    [form_name] = [name for name in files if name.startswith("form-")]
    packed = zipped(pack_definitions(form_name, [name for name in files if name.startswith("workflow-")], files))
    played = play_definitions(packed, "fr", journeys=["citizen"])
    [journey] = played.report["journeys"]
    assert (journey["journey"], journey["verdict"]) == ("citizen", "passed")
    assert "calls" not in journey
    assert "/fillslot/" in played.page


@pytest.mark.servers
def test_a_stranger_s_definitions_reach_nobody_else(tmp_path) -> None:
    """A workflow that calls an address of this machine, and a list that is read from there."""
    with WcsDouble() as inner:
        call = b.webservice_call("Espion", f"{inner.url}intern/", "espion", b.OnErrors.all(":pass"))
        source = b.data_source("json", f"{inner.url}liste/")
        spied = form(more=[b.item("Liste", "liste", source=source)])
        paths = save(tmp_path, spied, workflow(call))
        files = {path.name: path.read_bytes() for path in paths}
        packed = zipped(pack_definitions("form-rdv.wcs", ["workflow-rdv.wcs"], files))
        played = play_definitions(packed, "fr", journeys=["citizen"])
        assert inner.calls == []
        assert "not called: outside of the rehearsal" in played.page


def test_only_confined_calls_are_kept_in() -> None:
    """The guard itself, with its control: without it the same call arrives."""
    with WcsDouble() as inner:
        calls = {}
        for only in ((), (f"{inner.url}hook",), ("http://127.0.0.1:9/",), (inner.url[:-1] + "1/",)):
            client = Interpreter("x", {}, Clock(), Trace(), only=only)
            try:
                client.send("test", "POST", f"{inner.url}hook/", body={})
            except NoAnswer as refused:
                assert "outside of the rehearsal" in str(refused)
            calls[only] = len(inner.calls)
        assert list(calls.values()) == [1, 2, 2, 2]


@pytest.mark.servers
def test_a_rehearsal_that_never_ends_is_ended(tmp_path) -> None:
    files = {path.name: path.read_bytes() for path in save(tmp_path, form(), workflow(booking()))}
    packed = zipped(pack_definitions("form-rdv.wcs", ["workflow-rdv.wcs"], files))
    with pytest.raises(NotPlayed) as caught:
        play_definitions(packed, "fr", time_limit=1)
    assert caught.value.code == "timeout"


def test_what_cannot_be_played_at_all_says_why(tmp_path) -> None:
    path = save(tmp_path, form())[0]
    with pytest.raises(NotPlayed) as caught:
        play_definitions(zipped({"form/form-rdv.wcs": path.read_bytes()}), "fr")
    assert caught.value.code == "refused"
    assert caught.value.detail

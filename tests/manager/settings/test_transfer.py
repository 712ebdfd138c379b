"""Agendas out and in by the back office: a plan first, then all of it or nothing."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from adapter.agendas.models import Agenda
from adapter.agendas.services.transfer import export_agendas
from tests.agendas.builders import make_agenda, make_virtual
from tests.manager.settings.test_forms import found_errors

IMPORT = "/manage/import-agendas/"


def upload(document: Any) -> SimpleUploadedFile:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return SimpleUploadedFile("agendas.json", content)


def plan_page(client, document: Any):
    answer = client.post(IMPORT, {"file": upload(document)})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url, client.get(answer.url)


def plan_in(answer) -> str:
    return re.search(r'name="plan" value="([0-9a-f]+)"', answer.content.decode())[1]


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def document(mairie) -> dict[str, Any]:
    """*mairie* as it is exported, with another label and one desk less."""
    document = export_agendas()
    document["agendas"][0]["label"] = "Hôtel de ville"
    del document["agendas"][0]["desks"][1]
    return document


def test_an_agenda_is_exported_as_the_command_does(mairie, editor) -> None:
    answer = editor.get("/manage/agendas/mairie/settings/export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="agenda-mairie.json"'
    assert answer.json() == export_agendas(["mairie"])


def test_a_virtual_agenda_is_not_exported_with_agendas_that_the_agent_may_not_edit(toutes, editor) -> None:
    make_virtual("partout", make_agenda("cachee"), edit_role=toutes.edit_role)
    assert editor.get("/manage/agendas/toutes/settings/export/").status_code == 200
    answer = editor.get("/manage/agendas/partout/settings/export/", follow=True)
    assert "Cachee" in words(answer)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_all_agendas_are_exported_by_administrators(mairie, admin) -> None:
    assert admin.get("/manage/export-agendas/").json() == export_agendas()


def test_the_plan_is_shown_before_anything_changes_and_then_done(mairie, admin, document) -> None:
    url, page = plan_page(admin, document)
    assert [name for _action, _kind, name, _columns in page.context["changes"]] == ["mairie", "mairie/guichet-2"]
    assert "mairie/guichet-2" in words(page)
    assert Agenda.objects.get().label == "Mairie"
    assert admin.post(url, {"plan": plan_in(page)}).url == "/manage/"
    assert export_agendas() == document
    # The file is kept for one import.
    assert admin.post(url, {"plan": plan_in(page)}).url == IMPORT


def test_periods_are_named_as_on_the_pages(mairie, admin, document) -> None:
    openings = document["agendas"][0]["desks"][0]["openings"]
    openings[0] |= {"weekday": "saturday", "weeks_of_month": [1, 3], "end": "00:00"}
    _url, page = plan_page(admin, document)
    [added] = [name for action, _kind, name, _columns in page.context["changes"] if "1er et 3e samedi" in name]
    assert added.startswith("mairie/guichet-1") and added.endswith("09:00 – 24:00")


def test_a_plan_that_is_out_of_date_is_shown_anew_and_not_done(mairie, admin, document) -> None:
    url, page = plan_page(admin, document)
    Agenda.objects.update(maximal_booking_delay=7)
    answer = admin.post(url, {"plan": plan_in(page)})
    assert answer.status_code == 422
    assert answer.context["changed"] is True
    assert Agenda.objects.get().label == "Mairie"
    admin.post(url, {"plan": plan_in(answer)})
    assert export_agendas() == document


def test_nothing_to_do_is_said(mairie, admin) -> None:
    _url, page = plan_page(admin, export_agendas())
    assert page.context["changes"] == []
    assert "submit-button" not in page.content.decode()


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"", "empty", ""),
        (b'{"a":\n ]', "not_json", "2, colonne 2"),
        (b"\xff\xfe", "not_utf8", ""),
        (b"[" * 200_000, "excessive", ""),
        (b'{"a": 1' + b"0" * 9000 + b"}", "excessive", ""),
        (b" " * (5 * 2**20 + 1), "too_large", "5 Mo"),
    ],
)
def test_files_that_are_not_json_are_refused(mairie, admin, content, code, facts) -> None:
    answer = admin.post(IMPORT, {"file": upload(content)})
    assert answer.status_code == 422
    [(field, error)] = found_errors(answer)
    assert (field, error.code) == ("file", code)
    sentence = re.sub(r"\s+", " ", error.messages[0])
    assert facts in sentence and sentence in words(answer)


@pytest.mark.parametrize(
    "document",
    [[], {}, {"version": 2}, {"version": 1, "agendas": [{"slug": "Bad"}]}, {"version": 1, "surprise": 1}, None, "x"],
)
def test_documents_that_make_no_sense_are_refused_with_the_place(mairie, admin, document) -> None:
    before = export_agendas()
    url, page = plan_page(admin, document)
    assert page.status_code == 422
    assert page.context["problems"]
    assert [place for place, _sentence in page.context["problems"] if place not in words(page)] == []
    assert admin.post(url, {"plan": ""}).status_code == 422
    assert export_agendas() == before


def test_a_file_is_needed(admin) -> None:
    assert admin.post(IMPORT, {}).status_code == 422


def test_the_plan_of_somebody_else_is_not_at_hand(mairie, admin, document, log_in) -> None:
    url, _page = plan_page(admin, document)
    assert log_in("other", admin=True).get(url).url == IMPORT

"""How w.c.s. behaves as a client (wcs-runtime.md §9), and the stand-in as a server (§10)."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
import requests

from adapter.wcs.signature import sign_url
from tests.support.celery import eventually
from workflows import builder as b
from workflows.rehearsal import http
from workflows.rehearsal.adapter import free_port
from workflows.rehearsal.http import NoAnswer
from workflows.rehearsal.server import ForbiddenInProduction, refuse_production
from workflows.rehearsal.site import Site

from .double import Double
from .making import KEY, draft, form_of, sent, served, site_of, workflow_of

pytestmark = pytest.mark.servers
AGENT, CITIZEN, READER = "a" * 32, "c" * 32, "b" * 32


def simple(**settings: Any) -> Site:
    return site_of(
        form_of(b.text_field("Nom", "nom", id="1"), category=b.category_link("etat-civil", "État civil")),
        workflow_of(),
        **settings,
    )


def test_9_the_limit_is_28_seconds_and_named_calls_may_have_their_own(double: Double) -> None:
    assert http.TIMEOUT == 28
    held = threading.Event()
    double.tell("/slow/", {"err": 0}, before=lambda _: held.wait(30))
    call = b.named_call("Lent", "{{ agendas_url }}slow/", slug="lent", timeout=1)
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of(), call, url=double.url)
    try:
        assert draft(site).scope().value("{{ webservice.lent.err }}", "t") == ""
    finally:
        held.set()
    assert site.trace.calls[0].error == "ReadTimeout"


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "//x/", "x", "http://[/", "http://127.0.0.1:9/"])
def test_9_what_is_no_address_or_answers_nothing_is_a_network_error(url: str) -> None:
    with pytest.raises(NoAnswer):
        simple().client.send("test", "GET", url)


def test_9_a_post_that_is_redirected_becomes_a_get_without_body(double: Double) -> None:
    double.tell("/a/", headers={"Location": "/b/"}, status=302)
    double.tell("/b/", {"err": 0})
    simple(url=double.url).client.send("test", "POST", double.url + "a/", body={"x": 1})
    assert [(seen.method, seen.path, seen.body) for seen in double.seen] == [
        ("POST", "/a/", {"x": 1}),
        ("GET", "/b/", None),
    ]


def test_9_the_answer_is_read_as_utf8_json_whatever_its_type_says(double: Double) -> None:
    double.tell("/a/", text='{"a": "é"}', headers={"Content-Type": "text/html; charset=latin-1"})
    assert simple(url=double.url).client.send("test", "GET", double.url + "a/").json == {"a": "é"}


def test_9_one_request_at_a_time_in_each_process(double: Double) -> None:
    """A call back into w.c.s. takes a second process: with two it is answered while the first one waits."""
    answers = []
    call = b.named_call("Aller", "{{ agendas_url }}a/", slug="aller")
    field = b.text_field("Nom", "nom", prefilled=b.prefill("string", "{{ webservice.aller.err }}"))
    site = site_of(form_of(field), workflow_of(), call, url=double.url)
    number = draft(site).record.id
    with served(site, processes=2) as base:
        double.tell(
            "/a/", {"err": 0}, before=lambda _: answers.append(requests.get(f"{base}login/", timeout=10).status_code)
        )
        assert requests.get(f"{base}demande/{number}/fill/", timeout=20).status_code == 200
    assert answers == [200]
    with served(site, processes=1) as base:
        double.tell("/a/", {"err": 0}, before=lambda _: answers.append(_refused(f"{base}login/")))
        assert requests.get(f"{base}demande/{number}/fill/", timeout=20).status_code == 200
    assert answers == [200, True]


def _refused(url: str) -> bool:
    try:
        requests.get(url, timeout=1)
    except requests.Timeout:
        return True
    return False


def get(site: Site, path: str, query: str = "", *, signed: bool = True) -> tuple[int, Any]:
    with served(site) as base:
        url = f"{base}api/{path}{'?' if query else ''}{query}"
        if signed:
            url = sign_url(url, KEY, orig="agendas.test", now=datetime.datetime.now(datetime.UTC))
        answer = requests.get(url, timeout=10)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", ["roles", "users/", "formdefs/", "formdefs/demande/schema", f"users/{AGENT}/"])
def test_10_reading_needs_a_signature(path: str) -> None:
    status, answer = get(simple(), path, signed=False)
    assert (status, answer["err"]) == (403, 1)


def test_10_1_roles() -> None:
    _, answer = get(simple(), "roles")
    assert answer["err"] == 0
    keys = {"id", "slug", "name", "text", "allows_backoffice_access", "emails", "emails_to_members", "details"}
    assert [(role["name"], set(role)) for role in answer["data"]] == [("Agents", keys)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=camille", ["Camille Martin"]),
        ("q=agent@demarches", ["Agnès Guichet"]),
        (f"q={CITIZEN}", ["Camille Martin"]),
        ("q=&limit=1", ["Agnès Guichet"]),
        ("q=&roles=agents", ["Agnès Guichet", "Adèle Admin"]),
        ("q=nosuch", []),
    ],
)
def test_10_2_users_are_searched(query: str, names: list[str]) -> None:
    _, answer = get(simple(), "users/", query)
    assert [person["text"] for person in answer["data"]] == names


def test_10_2_one_user_by_number_or_uuid() -> None:
    site = simple()
    for wanted in ("3", CITIZEN):
        _, person = get(site, f"users/{wanted}/")
        assert (person["id"], person["user_email"], person["user_nameid"]) == (3, "camille.martin@example.net", CITIZEN)
        assert person["user_last_name"] == "Martin"
        assert "text" not in person
    assert get(site, "users/nosuch/")[0] == 404


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        (f"backoffice-submission=on&NameID={AGENT}", ["demande"]),
        (f"backoffice-submission=on&NameID={READER}", []),
        ("backoffice-submission=on&NameID=nobody", []),
        ("backoffice-submission=on", []),
        ("", ["demande"]),
        ("q=dem", ["demande"]),
        ("q=nosuch", []),
        ("category_slugs=a,etat-civil", ["demande"]),
        ("category_slugs=a", []),
    ],
)
def test_10_3_forms_that_an_agent_may_submit(query: str, slugs: list[str]) -> None:
    status, answer = get(simple(), "formdefs/", query)
    assert (status, answer["err"]) == (200, 0)
    assert [form["slug"] for form in answer["data"]] == slugs


def test_10_3_keys_of_a_form() -> None:
    site = simple()
    _, answer = get(site, "formdefs/", f"backoffice-submission=on&NameID={AGENT}&include-count=on")
    [form] = answer["data"]
    wanted = "title slug url description keywords authentication_required always_advertise redirection functions"
    wanted += " backoffice_submission_url category category_slug count"
    assert set(wanted.split()) <= set(form)
    assert form["backoffice_submission_url"] == "http://demarches.example.net/backoffice/submission/demande/"
    assert "backoffice_submission_url" not in get(site, "formdefs/")[1]["data"][0]


def test_10_3_a_disabled_form_is_left_out_unless_asked_for() -> None:
    node = form_of(b.text_field("Nom", "nom"))
    disabled = node.find("disabled")
    assert disabled is not None
    disabled.text = "true"
    site = site_of(node, workflow_of())
    assert get(site, "formdefs/")[1]["data"] == []
    assert len(get(site, "formdefs/", "include-disabled=on")[1]["data"]) == 1
    # Whoever tries an export of their own finds it in the stand-in all the same, and is told.
    with served(site) as base:
        page = requests.get(base, timeout=10).text
        assert 'href="/demande/"' in page
        assert "Désactivé" in page
        assert requests.get(f"{base}demande/", timeout=10).ok


def test_10_3_the_schema_gives_varnames_and_ids_on_demand() -> None:
    site = simple()
    assert [field["varname"] for field in get(site, "formdefs/demande/schema")[1]["fields"]] == ["nom"]
    assert get(site, "formdefs/demande/schema", "include-id=true")[1]["fields"][0]["id"] == "1"
    assert get(site, "formdefs/nosuch/schema")[0] == 404


def test_10_a_record_as_json() -> None:
    site = simple()
    sent(site, {"nom": "Ada"})
    assert get(site, "forms/demande/1/", f"NameID={AGENT}")[1]["fields"] == {"nom": "Ada"}
    assert [one["display_id"] for one in get(site, "forms/demande/list")[1]["data"]] == ["1"]
    assert get(site, "forms/demande/9/", f"NameID={AGENT}")[0] == 404


def test_10_a_list_is_shown_to_a_signature_a_record_to_a_person_and_a_draft_to_nobody() -> None:
    site = simple()
    sent(site, {"nom": "Ada"})
    sent(site, {"nom": "Grace"})
    number = draft(site).record.id
    assert [one["display_id"] for one in get(site, "forms/demande/list", "filter-internal-id=2")[1]["data"]] == ["2"]
    assert get(site, "forms/demande/list", f"filter-internal-id={number}")[1]["data"] == []
    assert [get(site, f"forms/demande/{one}/")[0] for one in (1, number, 99)] == [403] * 3
    found = [get(site, f"forms/demande/{one}/", f"NameID={AGENT}")[0] for one in (1, number, 99)]
    assert found == [200, 403, 404]


def test_definitions_are_exported_to_a_signature() -> None:
    site = simple()
    with served(site) as base:
        for path, status in (("forms/demande/", 200), ("forms/nosuch/", 404), ("nosuch/demande/", 404)):
            url = f"{base}api/export-import/{path}"
            assert requests.get(url, timeout=10).status_code == 403
            signed = sign_url(url, KEY, orig="agendas.test", now=datetime.datetime.now(datetime.UTC))
            answer = requests.get(signed, timeout=10)
            assert answer.status_code == status
            assert (b"<formdef" in answer.content) is (status == 200)


def test_10_a_record_as_json_has_choices_and_rows() -> None:
    block = b.block(
        "Gens",
        [b.text_field("Prénom", "prenom", id="a"), b.text_field("Sans nom", "", id="b", required=False)],
        slug="gens",
    )
    source = b.data_source("jsonvalue", '[{"id": "1", "text": "Un", "x": 2}]')
    fields = (b.item("Choix", "choix", source=source, id="1"), b.block_field("Gens", "gens", "gens", id="2"))
    site = site_of(form_of(*fields), workflow_of(), block)
    sent(site, {"choix": "1", "gens": [{"prenom": "Ada"}]})
    assert get(site, "forms/demande/1/", f"NameID={AGENT}")[1]["fields"] == {
        "choix": "Un",
        "choix_raw": "1",
        "choix_structured": {"id": "1", "text": "Un", "x": 2},
        "gens": [{"prenom": "Ada"}],
    }
    answer = get(site, "formdefs/demande/schema")[1]["fields"]
    assert answer[0]["data_source"]["type"] == "jsonvalue"
    assert answer[0]["required"] is True


def test_10_the_user_who_is_named_in_the_address() -> None:
    site = simple()
    assert get(site, "user/", f"NameID={AGENT}")[1]["user_display_name"] == "Agnès Guichet"
    assert get(site, "user/")[0] == 403


def test_10_what_is_not_there_or_not_meant_is_refused() -> None:
    site = simple()
    sent(site, {"nom": "Ada"})
    assert get(site, "nosuch/")[0] == 404
    assert get(site, "formdefs/demande/submit")[0] == 403
    assert get(site, "forms/demande/1/hooks/annuler/")[0] == 403
    with served(site) as base:
        url = f"{base}api/forms/demande/1/hooks/annuler/"
        url = sign_url(url, KEY, orig="agendas.test", now=datetime.datetime.now(datetime.UTC))
        answer = requests.post(url, data="{", headers={"Content-Type": "application/json"}, timeout=10)
    assert (answer.status_code, answer.json()["err"]) == (400, 1)


def test_the_stand_in_starts_alone_with_the_kit_and_stops_when_it_is_told() -> None:
    port = free_port()
    command = [sys.executable, "-m", "workflows.rehearsal.server", "--port", str(port)]
    # It may be started by hand beside nothing at all.
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        eventually(lambda: "Prise de rendez-vous" in _answer(f"http://127.0.0.1:{port}/"))
        second = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert second.returncode == 1
        assert str(port) in second.stderr and "Traceback" not in second.stderr
    finally:
        started.terminate()
        _, said = started.communicate(timeout=30)
    assert (started.returncode, said) == (0, "")


def _answer(url: str) -> str:
    try:
        return requests.get(url, timeout=5).text
    except requests.ConnectionError:
        return ""


@pytest.mark.parametrize(
    "environment", [{"PRODUCTION": "1"}, {"PRODUCTION": "true"}, {"BASE_URL": "https://agendas.example.net/"}]
)
def test_the_stand_in_refuses_to_start_beside_real_data(environment) -> None:
    with pytest.raises(ForbiddenInProduction):
        refuse_production(environment)
    command = [sys.executable, "-m", "workflows.rehearsal.server", "--port", str(free_port())]
    started = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
    assert (started.returncode, started.stdout) == (1, "")
    assert started.stderr.count("\n") == 1


def test_the_stand_in_starts_beside_a_demo() -> None:
    refuse_production({"BASE_URL": "http://127.0.0.1:8000/", "PRODUCTION": ""})
    refuse_production({})


def test_every_page_says_that_it_is_a_stand_in() -> None:
    site = simple()
    record = sent(site, {"nom": "<script>"}).record
    with served(site) as base, requests.Session() as browser:
        browser.post(f"{base}login/", data={"person": AGENT}, timeout=10)
        for path in (
            "",
            "login/",
            "calls/",
            "demande/",
            f"demande/{record.id}/",
            f"backoffice/management/demande/{record.id}/",
            "nosuch/",
        ):
            page = browser.get(base + path, timeout=10)
            assert "Remplaçant de w.c.s." in page.text, path
            assert "<script>" not in page.text
            assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")

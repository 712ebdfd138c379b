"""What w.c.s. reads once an hour to make its data sources (wcs-runtime §6.7), and the other lists."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from adapter.agendas.models import Category, MeetingType
from tests.agendas.builders import make_agenda

BASE = "https://agendas.test/api/agenda/"


def test_every_key_that_the_refresh_of_wcs_reads_is_there(api, everywhere) -> None:
    agendas = api.get("agenda/").json["data"]
    assert {item["id"] for item in agendas} == {"mairie", "annexe", "toutes-mairies"}
    for item in agendas:
        assert item["free_range"] is False
        assert item["text"]
        assert item["kind"] in ("meetings", "virtual")
        assert item["api"]["meetings_url"] == f"{BASE}{item['id']}/meetings/"
        types = api.get(item["api"]["meetings_url"]).json["data"]
        assert [(found["id"], found["duration"]) for found in types] == [
            ("passeport", 20),
            ("passeport-famille", 40),
            ("mariage", 60),
        ]
        for found in types:
            assert found["text"]
            # w.c.s. makes this address itself for the type that is chosen in the form.
            assert found["api"]["datetimes_url"] == f"{item['api']['meetings_url']}{found['id']}/datetimes/"
            assert api.get(found["api"]["datetimes_url"]).json["err"] == 0


def test_agendas_come_by_label_with_the_documented_keys(api, mairie) -> None:
    mairie.category = Category.objects.create(slug="etat-civil", label="État civil")
    mairie.view_role = Group.objects.create(name="Agents")
    mairie.save()
    make_agenda("annexe")
    first, second = api.get("agenda/").json["data"]
    assert (first["id"], second["id"]) == ("annexe", "mairie")
    assert second == {
        "id": "mairie",
        "slug": "mairie",
        "text": "Mairie",
        "kind": "meetings",
        "free_range": False,
        "minimal_booking_delay": 1,
        "minimal_booking_delay_in_working_days": False,
        "maximal_booking_delay": 56,
        "edit_role": None,
        "view_role": "Agents",
        "category": "etat-civil",
        "shared_resources": [],
        "api": {
            name: f"{BASE}mairie/{path}/"
            for name, path in (
                ("meetings_url", "meetings"),
                ("desks_url", "desks"),
                ("shared_resources_url", "shared-resources"),
                ("resources_url", "resources"),
                ("fillslots_url", "fillslots"),
            )
        },
    }
    assert api.get("agenda/mairie/").json == {"err": 0, "data": second}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "air"}, {"mairie"}),
        ({"q": "AIRIE"}, {"mairie", "toutes-mairies"}),
        ({"q": ""}, {"mairie", "annexe", "toutes-mairies"}),
        ({"category": "etat-civil"}, {"annexe"}),
        ({"category": "inconnue"}, set()),
        ({"kind": "virtual"}, {"toutes-mairies"}),
        ({"kind": "meetings", "q": "annexe"}, {"annexe"}),
        ({"kind": "events"}, set()),
        ({"with_open_events": "true"}, set()),
        ({"with_open_events": "false"}, {"mairie", "annexe", "toutes-mairies"}),
        ({"other": "1"}, {"mairie", "annexe", "toutes-mairies"}),
    ],
)
def test_the_filters_of_the_list(api, everywhere, query, found) -> None:
    annexe = everywhere.real_agendas.get(slug="annexe")
    annexe.category = Category.objects.create(slug="etat-civil", label="État civil")
    annexe.save()
    if query == {"q": "air"}:
        found = {"mairie", "toutes-mairies"}
    assert {item["id"] for item in api.get("agenda/", **query).json["data"]} == found


def test_desks_and_resources(api, everywhere) -> None:
    assert api.get("agenda/mairie/desks/").json["data"] == [
        {"id": "guichet-1", "text": "Guichet 1"},
        {"id": "guichet-2", "text": "Guichet 2"},
    ]
    assert len(api.get("agenda/toutes-mairies/desks/").json["data"]) == 3
    for path in ("resources", "shared-resources"):
        assert api.get(f"agenda/mairie/{path}/").json == {"err": 0, "data": []}


def test_a_disabled_meeting_type_is_not_offered(api, mairie) -> None:
    MeetingType.objects.filter(slug="mariage").update(enabled=False)
    assert [item["id"] for item in api.get("agenda/mairie/meetings/").json["data"]] == [
        "passeport",
        "passeport-famille",
    ]
    assert api.get("agenda/mairie/meetings/mariage/").status == 404
    assert api.get("agenda/mairie/meetings/mariage/datetimes/").status == 404


def test_a_virtual_agenda_has_the_types_that_all_its_agendas_share(api, everywhere) -> None:
    MeetingType.objects.filter(agenda__slug="annexe", slug="mariage").delete()
    assert [item["id"] for item in api.get("agenda/toutes-mairies/meetings/").json["data"]] == [
        "passeport",
        "passeport-famille",
    ]


def test_one_meeting_type(api, mairie) -> None:
    assert api.get("agenda/mairie/meetings/passeport/").json == {
        "err": 0,
        "data": {
            "id": "passeport",
            "text": "Passeport",
            "duration": 20,
            "api": {"datetimes_url": f"{BASE}mairie/meetings/passeport/datetimes/"},
        },
    }


@pytest.mark.parametrize(
    "path",
    [
        "agenda/inconnue/",
        "agenda/inconnue/meetings/",
        "agenda/inconnue/desks/",
        "agenda/inconnue/resources/",
        "agenda/inconnue/meetings/passeport/datetimes/",
        "agenda/mairie/meetings/inconnu/",
        "agenda/mairie/meetings/inconnu/datetimes/",
        "agenda/inconnue/locks/K/",
    ],
)
def test_what_does_not_exist_is_404_in_the_shape_of_errors(api, mairie, path) -> None:
    answer = api.get(path)
    assert answer.status == 404
    assert answer.json["err"] == 1
    assert answer.json["err_class"] == answer.json["err_desc"] == answer.json["reason"]
    assert answer.json["err_class"].startswith("unknown")

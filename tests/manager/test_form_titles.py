"""Titles of forms: learnt beside the work of agents, and never waited for by a calendar."""

from __future__ import annotations

import datetime

import pytest

from adapter.agendas.models import Agenda
from adapter.manager.models import FormTitle
from adapter.manager.services.titles import KEPT, KEPT_UNKNOWN, known_titles, learn_title, learn_titles
from tasks.jobs import learn_form_titles
from tasks.models import TaskRun
from tests.agendas.builders import NOW, make_agenda

SECOND = datetime.timedelta(seconds=1)
TITLE = {"rendez-vous": "Prendre rendez-vous"}


@pytest.fixture(autouse=True)
def _agendas(town) -> None:
    values = {"backoffice_booking_enabled": True, "slot_field": "creneau"}
    make_agenda("same-form", form_slug="rendez-vous", **values)
    make_agenda("not-enabled", form_slug="autre")


def test_the_forms_of_agendas_are_asked_for_once_a_day(wcs_form) -> None:
    assert known_titles(["rendez-vous", ""]) == {"rendez-vous": "rendez-vous"}
    assert learn_titles(now=NOW) == 1
    assert known_titles(["rendez-vous"]) == TITLE
    assert len(wcs_form.calls) == 1
    wcs_form.forms[0].title = "Carte d'identité"
    learn_titles(now=NOW + KEPT - SECOND)
    assert known_titles(["rendez-vous"]) == TITLE
    learn_titles(now=NOW + KEPT)
    assert known_titles(["rendez-vous"]) == {"rendez-vous": "Carte d'identité"}
    assert len(wcs_form.calls) == 2


def test_a_wcs_that_does_not_answer_is_left_alone_for_some_minutes_and_nothing_is_forgotten(wcs_form) -> None:
    learn_titles(now=NOW)
    down = NOW + KEPT
    wcs_form.fail_next("maintenance")
    assert not learn_title("rendez-vous", now=down)
    learn_titles(now=down + KEPT_UNKNOWN - SECOND)
    assert len(wcs_form.calls) == 2
    assert known_titles(["rendez-vous"]) == TITLE
    learn_titles(now=down + KEPT_UNKNOWN)
    assert len(wcs_form.calls) == 3


def test_an_unknown_form_keeps_its_slug_and_is_tried_again(wcs_form) -> None:
    Agenda.objects.update(form_slug="nulle-part")
    assert learn_titles(now=NOW) == 0
    assert known_titles(["nulle-part"]) == {"nulle-part": "nulle-part"}
    assert FormTitle.objects.get().title == ""
    learn_titles(now=NOW + KEPT_UNKNOWN - SECOND)
    assert len(wcs_form.calls) == 1
    learn_titles(now=NOW + KEPT_UNKNOWN)
    assert len(wcs_form.calls) == 2


def test_the_task_tells_how_many_are_known(wcs_form) -> None:
    learn_form_titles()
    assert TaskRun.objects.get(name="learn_form_titles").last_result == 1

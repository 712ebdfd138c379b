"""An agent cancels while the record runs its workflow: 403, then delivered by the outbox (wcs-runtime.md §8.1)."""

from __future__ import annotations

import pytest

from tests.support.rehearsal import DATABASES, stage_of
from workflows.definitions import make_kit
from workflows.rehearsal.definitions import kit_library
from workflows.rehearsal.journeys.outcome import check_booked
from workflows.rehearsal.journeys.robot import fill, finish, new_record
from workflows.rehearsal.people import Session

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("kind", DATABASES)
def test_a_hook_refused_while_processing_is_delivered_later(kind) -> None:
    with stage_of(kit_library(make_kit("fr", roles=["Agents"])), kind=kind) as stage:
        record, wanted = new_record(stage), stage.free_slot()
        finish(stage, fill(stage, record, Session(), wanted))
        row, booked = check_booked(stage, record), record.status

        record.processing = True
        stage.adapter.tell("cancel", booking=row["id"], user="agent")
        assert stage.adapter.tell("deliver") == {"delivered": 0}
        assert record.status == booked

        record.processing = False
        # Not before its time: the next attempt waits.
        assert stage.adapter.tell("deliver") == {"delivered": 0}
        stage.wait(3600)
        assert stage.adapter.tell("deliver") == {"delivered": 1}
        assert stage.status_name(record) == "Rendez-vous annulé"
        assert stage.adapter.tell("deliver") == {"delivered": 0}

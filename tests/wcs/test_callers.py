"""When services last called: noted by the verification of real signatures."""

from __future__ import annotations

import datetime

import pytest
from django.core.signals import request_finished
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adapter.wcs import callers
from adapter.wcs.callers import caller
from adapter.wcs.models import Caller
from adapter.wcs.services import SignatureRefused, verify_request
from adapter.wcs.signature import sign_query
from tests.support.signed import KEY, ORIG, known_services

NOW = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _services(db, settings, monkeypatch) -> None:
    settings.KNOWN_SERVICES = known_services()
    monkeypatch.setattr(callers, "_noted", {})


def call(key: str = KEY, orig: str = ORIG) -> None:
    verify_request(sign_query("", key, orig=orig, now=NOW), now=NOW).settle()


def test_a_good_call_is_noted() -> None:
    assert caller(ORIG) is None
    call()
    seen = caller(ORIG)
    assert seen is not None
    assert (seen.accepted_at, seen.refused_at) == (NOW, None)


def test_a_refused_call_in_the_name_of_a_known_service_is_noted_beside_the_good_one() -> None:
    call()
    with pytest.raises(SignatureRefused):
        call(key="another key")
    # Not before the call is answered: that it takes longer would tell that the name is known.
    assert caller(ORIG).refused_at is None  # type: ignore[union-attr]
    request_finished.send(None)
    seen = caller(ORIG)
    assert seen is not None
    assert (seen.accepted_at, seen.refused_at, seen.refusal) == (NOW, NOW, "Invalid signature.")


@pytest.mark.parametrize("query", ["", "orig=", "orig=other.example.org&signature=x", "&".join(["a=b"] * 2000)])
def test_strangers_leave_no_trace(query) -> None:
    with pytest.raises(SignatureRefused):
        verify_request(query, now=NOW)
    assert not Caller.objects.exists()


def test_calls_are_noted_once_a_minute_and_not_more() -> None:
    call()
    with CaptureQueriesContext(connection) as queries:
        call()
    assert not [query["sql"] for query in queries if "wcs_caller" in query["sql"]]
    callers._noted[ORIG, False] -= callers.NOTE_EVERY
    with CaptureQueriesContext(connection) as queries:
        call()
    assert [query["sql"] for query in queries if "wcs_caller" in query["sql"]]


def test_a_call_is_accepted_even_if_it_cannot_be_noted() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE wcs_caller RENAME TO wcs_caller_away")
    call()

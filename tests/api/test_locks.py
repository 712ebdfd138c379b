"""Locks by their code."""

from __future__ import annotations

import datetime

import pytest

from adapter.agendas.models import AuditEvent
from tests.agendas.builders import NOW

pytestmark = pytest.mark.both_databases

SLOT = "passeport:2026-11-24-0900"
PATH = "agenda/mairie/locks/K/"


def test_what_a_code_holds(api, mairie, set_clock) -> None:
    held = api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"}).json
    assert api.get(PATH).json == {
        "err": 0,
        "data": [
            {
                "booking_id": held["booking_id"],
                "slot": SLOT,
                "datetime": "2026-11-24 09:00:00",
                "end_datetime": "2026-11-24 09:20:00",
                "meeting_type": {"label": "Passeport", "slug": "passeport"},
                "desk": {"label": "Guichet 1", "slug": "guichet-1"},
                "agenda": {"label": "Mairie", "slug": "mairie"},
                "expires_at": "2026-11-23T10:10:00+00:00",
                "renewals": 0,
                "renewals_left": 10,
            }
        ],
        "server_now": "2026-11-23T10:00:00+00:00",
    }
    set_clock(NOW + datetime.timedelta(minutes=10))
    assert api.get(PATH).json["data"] == []


def test_a_virtual_agenda_tells_what_its_agendas_hold(api, everywhere) -> None:
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    assert len(api.get("agenda/toutes-mairies/locks/K/").json["data"]) == 1
    assert api.get("agenda/annexe/locks/K/").json["data"] == []


def test_releasing(api, mairie) -> None:
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    assert api.call("DELETE", PATH).json["released"] == 1
    again = api.call("DELETE", PATH)
    assert (again.status, again.json["err"], again.json["err_code"]) == (200, 1, "lock-unknown")
    assert AuditEvent.objects.filter(code="lock.released", actor="wcs.test").count() == 1


def test_renewing_up_to_the_ceiling(api, mairie, set_clock, settings) -> None:
    settings.LOCK_RENEWALS_MAX = 1
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    set_clock(NOW + datetime.timedelta(minutes=5))
    [lock] = api.post(f"{PATH}renew/").json["data"]
    assert (lock["expires_at"], lock["renewals"], lock["renewals_left"]) == ("2026-11-23T10:15:00+00:00", 1, 0)
    assert api.post(f"{PATH}renew/").json["err_code"] == "renewals-exhausted"


def test_a_renewal_is_bounded_like_a_hold(api, mairie) -> None:
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    [lock] = api.post(f"{PATH}renew/", {"lock_duration": "86400"}).json["data"]
    assert lock["expires_at"] == "2026-11-23T10:20:00+00:00"


def test_a_code_may_hold_any_character(api, mairie) -> None:
    code = "a/b c&é"
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": code})
    assert len(api.get("agenda/mairie/locks/a%2Fb%20c%26%C3%A9/").json["data"]) == 1
    assert api.get("agenda/mairie/locks/a%00b/").status == 400


def test_listing_with_the_code_renews_past_half_its_life(api, mairie, set_clock) -> None:
    api.post(f"agenda/mairie/fillslot/{SLOT}/", {"lock_code": "K"})
    for minutes, expected in ((4, "10:10"), (6, "10:16")):
        set_clock(NOW + datetime.timedelta(minutes=minutes))
        api.get("agenda/mairie/meetings/passeport/datetimes/", lock_code="K")
        [lock] = api.get(PATH).json["data"]
        assert lock["expires_at"] == f"2026-11-23T{expected}:00+00:00"

"""Bodies that are nested without end."""

from __future__ import annotations

import pytest

from adapter.agendas.models import Booking
from adapter.api.reading.fields import DEEPEST, Fields

SLOT = "passeport:2026-11-24-0900"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [DEEPEST + 2, 400, 900])
def test_what_is_nested_too_deeply_is_refused_and_changes_nothing(api, mairie, levels, opening) -> None:
    closing = "]" if opening == "[" else "}"
    body = '{"autre": ' + opening * levels + "1" + closing * levels + "}"
    answer = api.call("POST", f"agenda/mairie/fillslot/{SLOT}/", body=body)
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["autre"]
    assert str(DEEPEST) in answer.json["errors"]["autre"][0]
    assert not Booking.objects.exists()


def test_what_is_nested_as_people_nest_is_kept() -> None:
    value: object = "x"
    for _ in range(DEEPEST):
        value = [value]
    fields = Fields({"autre": value})
    assert fields.others(frozenset()) == {"autre": value}
    fields.check()

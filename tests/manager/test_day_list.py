"""The appointments of a day on paper."""

from __future__ import annotations

import datetime
import re

import pytest

from adapter.agendas.services import BookingDetails, BookingRequest, HoldRequest, cancel, confirm, hold, record_presence
from tests.agendas.builders import ALICE, NOW, make_agenda, make_virtual

pytestmark = pytest.mark.both_databases

DAY = "/manage/agendas/mairie/day/2026/11/24/print/"


def book(start: str, name: str, agenda: str = "mairie", **details: str):
    details = {"user_last_name": name, **details}
    request = BookingRequest(agenda, (f"passeport:2026-11-24-{start}",), details=BookingDetails(**details))
    return confirm(request, now=NOW, actor=ALICE).booking


def test_appointments_stand_in_order_of_time_with_name_type_time_and_desk(log_in) -> None:
    book("1000", "Second", user_phone_number="0102030405")
    book("0900", "Premier", label="Dossier 7")
    cancel(book("1020", "Parti").pk, now=NOW, actor=ALICE)
    hold(HoldRequest("mairie", ("passeport:2026-11-24-1100",), "K"), now=NOW, actor=ALICE)
    content = log_in("viewer").get(DAY).content.decode()
    assert (
        content.index("09:00–09:20") < content.index("Premier") < content.index("Dossier 7") < content.index("Second")
    )
    assert "mardi 24 novembre 2026" in content
    assert "Guichet 1" in content
    assert "0102030405" in content
    assert content.count('<th scope="row">') == 2
    [printed] = re.findall(r'<p class="printed">(.*?)</p>', content)
    assert printed.startswith("2 ") and "23 novembre 2026" in printed and "11:00" in printed
    assert "Parti" not in content
    assert "11:00–11:20" not in content


@pytest.mark.parametrize(("language", "said"), [("fr", "mardi 1er décembre 2026"), ("en", "Tuesday 1 December 2026")])
def test_the_first_of_a_month_is_said_as_the_language_says_it(log_in, language, said) -> None:
    page = log_in("viewer").get(DAY.replace("11/24", "12/1"), headers={"accept-language": language})
    assert f">{said}</h3>" in page.content.decode()


def test_one_desk_can_be_chosen(log_in, town) -> None:
    first, second = book("0900", "Premier"), book("0900", "Second")
    assert first.desk_id != second.desk_id
    client = log_in("viewer")
    content = client.get(DAY, {"desk": second.desk_id}).content.decode()
    assert "Second" in content
    assert "Premier" not in content
    nonsense = client.get(DAY, {"desk": "x"})
    assert nonsense.status_code == 200
    assert not [name for name in ("Premier", "Second") if name in nonsense.content.decode()]


def test_a_retired_desk_keeps_its_appointments_on_the_list(log_in, town) -> None:
    booking = book("0900", "Premier")
    town.desks.filter(pk=booking.desk_id).update(enabled=False, label="Ancien guichet")
    town.config_version += 1
    town.save()
    content = log_in("viewer").get(DAY).content.decode()
    assert "Premier" in content
    assert "Ancien guichet" in content


def test_a_virtual_agenda_lists_all_its_members(log_in, town) -> None:
    make_agenda("annexe", desks=1, view_role=town.view_role)
    make_virtual("toutes", town, *type(town).objects.filter(slug="annexe"), view_role=town.view_role)
    book("0900", "Ici")
    book("0900", "Là-bas", agenda="annexe")
    content = log_in("viewer").get("/manage/agendas/toutes/day/2026/11/24/print/").content.decode()
    assert "Ici" in content and "Là-bas" in content
    assert "Annexe, Guichet 1" in content


def test_who_came_is_ticked(log_in) -> None:
    booking = book("0900", "Premier")
    assert "✓" not in log_in("viewer").get(DAY).content.decode()
    record_presence(booking.pk, {"user_was_present": True}, {}, now=NOW + datetime.timedelta(days=1), actor=ALICE)
    assert "✓" in log_in("viewer").get(DAY).content.decode()


@pytest.mark.parametrize("day", ["2026/02/30", "0001/01/01", "9999/12/31"])
def test_a_day_that_does_not_exist_is_404(log_in, day) -> None:
    assert log_in("viewer").get(f"/manage/agendas/mairie/day/{day}/print/").status_code == 404

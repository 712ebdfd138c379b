"""The kit's own tests, which a designer runs in w.c.s. after the import; nothing is booked."""

from __future__ import annotations

from typing import Any

from workflows import builder as b
from workflows.reader import Node

from . import names as n
from .texts import Texts

HOST = "https://agenda.test/"
FILLSLOT, CANCEL = f"{HOST}fillslot/", "{{ agendas_url }}api/bookings/cancel/"
CONFIRMED: dict[str, Any] = {
    "err": 0,
    "booking_id": 1,
    "outcome": "confirmed",
    "datetime": "2030-01-02 09:00:00",
    "desk": {"label": "Guichet 1", "slug": "guichet-1"},
    "api": {"booking_url": f"{HOST}booking/1/", "cancel_url": f"{HOST}booking/1/cancel/"},
}
FULL = {"err": 1, "err_class": "no more desk available", "err_desc": "no more desk available"}
BUSY = {"err": 1, "err_class": "busy", "err_desc": "busy"}
LATER = str(3600)


def kit_tests(texts: Texts, form: Node) -> list[Node]:
    """Booked, lost, tried again, cancelled."""
    values = _values(form)

    def test(name: str, booking: Any, *actions: Node, status: int = 200) -> Node:
        # By name, the booking is looked at first: the hold sends less.
        answers = [
            b.service_answer(
                f"1 {texts['booking']}", FILLSLOT, booking, status=status, body={"confirm_after_lock": "true"}
            ),
            b.service_answer(f"2 {texts['call']}", FILLSLOT, {"err": 0}),
            b.service_answer(f"3 {texts['cancelling']}", CANCEL, {"err": 0, "cancelled": [1]}),
        ]
        return b.form_test(texts[name], values, answers, actions)

    def reached(status: str) -> Node:
        return b.tested_step("assert-status", status_name=texts[status])

    def pressed(button: str) -> Node:
        return b.tested_step("button-click", who="submitter", button_name=texts[button])

    return [
        test("test-booked", CONFIRMED, reached("booked")),
        test("test-lost", FULL, reached("lost"), pressed("abandon"), reached("cancelled")),
        test(
            "test-retry",
            BUSY,
            reached("unavailable"),
            b.tested_step("skip-time", seconds=LATER),
            pressed("retry"),
            reached("unavailable"),
            status=503,
        ),
        test("test-cancelled", CONFIRMED, reached("booked"), pressed("cancel"), reached("cancelled")),
        test("test-kept", CONFIRMED, pressed("choose"), reached("moving"), pressed("back"), reached("booked")),
    ]


def _values(form: Node) -> dict[str, Any]:
    """What a citizen fills in, by field id."""
    fields = form.find("fields")
    ids: dict[str, str] = {}
    for field in fields.children if fields is not None else []:
        key, identifier = field.find("varname"), field.find("id")
        if key is not None and identifier is not None:
            ids[key.text] = identifier.text
    found: dict[str, Any] = {
        ids["nom"]: "Martin",
        ids["prenom"]: "Camille",
        ids["email"]: "camille.martin@example.net",
        ids["telephone"]: "0102030405",
    }
    choices = {
        n.AGENDA: ("mairie", "Mairie", {}),
        n.MEETING_TYPE: ("passeport", "Passeport", {}),
        n.SLOT: ("passeport:2030-01-02-0900", "2 janvier 2030 09:00", {"fillslot_url": FILLSLOT}),
    }
    for varname, (value, text, addresses) in choices.items():
        if varname in ids:
            name = ids[varname]
            structured = {"id": value, "text": text, "api": addresses}
            found |= {name: value, f"{name}_display": text, f"{name}_structured": structured}
    return found

"""Is it bookable? A faultless form and workflow say nothing; each mutation gives the right code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflows.appointments import BODY, FILLSLOT, SLOT_URL, booking, form, save, slot_field, workflow
from workflows import builder as b
from workflows.bookable import LOCK_CODE
from workflows.checker import all_codes, check
from workflows.reader import Node

SOURCE = f"{SLOT_URL}?lock_code={LOCK_CODE}"
HELD = "webservice.bloquer.err == 0"
CODES = {"lock_code": LOCK_CODE, "confirm_after_lock": "true"}


def call(code: str = LOCK_CODE) -> Node:
    return b.named_call(
        "Bloquer", FILLSLOT, slug="bloquer", method="POST", post_data={"lock_code": code} if code else {}
    )


def bookable_form(source: str = SOURCE, condition: str = HELD, message: str = "Pris") -> Node:
    return form(
        slot_field(source=b.data_source("json", source)), exit_conditions=[b.post_condition(condition, message)]
    )


def bookable_workflow(*actions: Node, **body: str) -> Node:
    return workflow(*(actions or [booking(body={**BODY, **CODES, **body})]))


def codes(folder: Path, *nodes: Node) -> set[str]:
    save(folder, *nodes)
    return {finding.code for finding in check([folder], language="en") if finding.family == "booking"}


def without(body: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in body.items() if name not in names}


def test_a_bookable_form_says_nothing(tmp_path) -> None:
    assert codes(tmp_path, bookable_form(), bookable_workflow(), call()) == set()


def test_a_form_that_books_nothing_says_nothing(tmp_path) -> None:
    assert (
        codes(tmp_path, b.form("F", [b.text_field("Nom", "nom")]), b.workflow("W", [b.status("1", "A", [])])) == set()
    )


def action(**changes: object) -> Node:
    """The booking action with another body, name or outcome."""
    body = changes.get("body", {**BODY, **CODES})
    return b.webservice_call(
        "Réserver",
        FILLSLOT,
        str(changes.get("varname", "reservation")),
        changes.get("errors", b.OnErrors("2", "2", "2", "2", "2")),  # type: ignore[arg-type]
        post_data=body,  # type: ignore[arg-type]
    )


def with_late_booking(body: dict[str, str]) -> Node:
    late = b.global_action(
        "5", "Encore", [booking(body=body, varname="encore")], [b.manual_trigger(["_receiver"], id="t5")]
    )
    return workflow(booking(body={**BODY, **CODES}), global_actions=[late])


def without_cancel() -> Node:
    node = bookable_workflow()
    statuses = node.find("possible_status")
    assert statuses is not None
    statuses.children[2].find("items").children.clear()
    return node


def without_hook() -> Node:
    node = bookable_workflow()
    node.children = [child for child in node.children if child.tag != "global_actions"]
    return node


def editable() -> Node:
    lost = b.status("6", "Modifié", [])
    edit = b.status("5", "Modifiable", [b.editable("Modifier", "6", ["_submitter"])])
    return workflow(booking(body={**BODY, **CODES}), more=[edit, lost])


MUTATIONS: dict[str, Callable[[], tuple[Node, ...]]] = {
    "WCS-B001": lambda: (form(), workflow()),
    "WCS-B002": lambda: (
        form(more=[b.block_field("Autre", "autre", "autre")]),
        workflow(),
        b.block("Autre", [slot_field("x")], slug="autre"),
    ),
    "WCS-B101": lambda: (
        bookable_form(),
        bookable_workflow(action(body=without({**BODY, **CODES}, "confirm_after_lock"))),
        call(),
    ),
    "WCS-B102": lambda: (
        bookable_form(),
        bookable_workflow(action(body=without({**BODY, **CODES}, "lock_code"))),
        call(),
    ),
    "WCS-B103": lambda: (bookable_form(source=SLOT_URL), bookable_workflow(), call()),
    "WCS-B104": lambda: (
        bookable_form(source=SLOT_URL + "?lock_code={{ session_hash_id }}"),
        bookable_workflow(),
        call(),
    ),
    "WCS-B105": lambda: (bookable_form(condition="form_var_nom"), bookable_workflow()),
    "WCS-B106": lambda: (bookable_form(condition="not webservice.bloquer.err"), bookable_workflow(), call()),
    "WCS-B107": lambda: (bookable_form(message="{{ webservice.bloquer.err_desc }}"), bookable_workflow(), call()),
    "WCS-B108": lambda: (
        bookable_form(),
        bookable_workflow(action(errors=b.OnErrors(":pass", "2", "2", "2", "2"))),
        call(),
    ),
    "WCS-B109": lambda: (bookable_form(), bookable_workflow(action(varname="")), call()),
    "WCS-B110": lambda: (bookable_form(), without_cancel(), call()),
    "WCS-B111": lambda: (
        bookable_form(),
        bookable_workflow(action(body=without({**BODY, **CODES}, "cancel_callback_url"))),
        call(),
    ),
    "WCS-B112": lambda: (bookable_form(), without_hook(), call()),
    "WCS-B113": lambda: (bookable_form(), with_late_booking({**BODY, **CODES}), call()),
    "WCS-B114": lambda: (bookable_form(), editable(), call()),
    "WCS-B115": lambda: (
        bookable_form(),
        bookable_workflow(
            action(body=without({**BODY, **CODES}, "backoffice_url"), errors=b.OnErrors("2", "2", "1", "2", "2"))
        ),
        call(),
    ),
    "WCS-B116": lambda: (
        bookable_form(),
        bookable_workflow(),
        b.named_call("Secret", "https://x/", signature_key="hush-hush"),
        call(),
    ),
    "WCS-B118": lambda: (
        bookable_form(),
        bookable_workflow(),
        b.named_call(
            "Bloquer",
            "{{ form_var_date_api_fillslot_url }}",
            slug="bloquer",
            method="POST",
            post_data={"lock_code": LOCK_CODE},
        ),
    ),
    "WCS-B117": lambda: (
        form(
            slot_field(source=b.data_source("json", SOURCE)),
            prefilled=b.prefill("string", "{{ form_submission_context_meeting_type_id }}"),
            exit_conditions=[b.post_condition(HELD, "Pris")],
        ),
        bookable_workflow(),
        call(),
    ),
}


@pytest.mark.parametrize("code", sorted(MUTATIONS))
def test_each_fault_gives_its_code_and_no_other(tmp_path, code) -> None:
    assert codes(tmp_path, *MUTATIONS[code]()) - {"WCS-B001"} == {code} - {"WCS-B001"}
    assert code in codes(tmp_path, *MUTATIONS[code]())


def test_every_code_of_the_family_has_its_mutation() -> None:
    assert set(MUTATIONS) == {code.id for code in all_codes().values() if code.family == "booking"}


def test_only_what_would_lose_an_appointment_is_an_error() -> None:
    errors = {code.id for code in all_codes().values() if code.family == "booking" and code.severity == "error"}
    assert errors == {"WCS-B101", "WCS-B102", "WCS-B103"}


def test_an_action_that_holds_on_purpose_is_no_fault(tmp_path) -> None:
    hold = booking(body={"lock_code": LOCK_CODE}, varname="verrou")
    assert codes(tmp_path, bookable_form(), bookable_workflow(hold, booking(body={**BODY, **CODES})), call()) == set()


def test_a_hold_that_nothing_confirms_is_a_fault(tmp_path) -> None:
    assert "WCS-B101" in codes(
        tmp_path, bookable_form(), bookable_workflow(action(body={"lock_code": LOCK_CODE})), call()
    )


def test_a_workflow_alone_is_judged_by_what_it_says(tmp_path) -> None:
    body = without({**BODY, **CODES}, "confirm_after_lock")
    assert codes(tmp_path, bookable_workflow(action(body=body))) == {"WCS-B101"}


def test_the_code_that_the_form_keeps_is_right_outside_the_session(tmp_path) -> None:
    kept = b.computed("Code", "code", LOCK_CODE)
    node = form(
        slot_field(source=b.data_source("json", SOURCE)), exit_conditions=[b.post_condition(HELD, "Pris")], more=[kept]
    )
    late = with_late_booking({**BODY, **CODES, "lock_code": "{{ form_var_code }}"})
    assert codes(tmp_path, node, late, call()) == set()


@pytest.mark.parametrize(
    "address", ["https://u:pass@x/", "https://x/?token=0123456789abcdef", "https://x/?a=1&password=hunter22"]
)
def test_a_password_in_an_address_is_a_secret(tmp_path, address) -> None:
    assert codes(tmp_path, b.named_call("Secret", address)) == {"WCS-B116"}


@pytest.mark.parametrize("address", ["https://x/?token={{ form_option_token }}", "https://x/?q=1", "mailto:a@b"])
def test_a_template_is_no_secret(tmp_path, address) -> None:
    assert codes(tmp_path, b.named_call("Rien", address)) == set()


def test_real_exports_have_no_error(wcs_exports) -> None:
    errors = [str(finding) for finding in check([wcs_exports]) if finding.severity == "error"]
    assert errors == []


def test_remedies_are_said_in_both_languages() -> None:
    booking = [code for code in all_codes().values() if code.family == "booking"]
    assert booking
    for code in booking:
        assert code.fr.remedy != code.en.remedy
        assert re.match(r"WCS-B\d{3}$", code.id)

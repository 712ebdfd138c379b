"""Reading templates of addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.bookable import LOCK_CODE, booking_places, is_booking_url, is_cancel_url, unparsable
from workflows.upgrader.sources import with_lock_code

ADDED = f"lock_code={LOCK_CODE}"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{{ form_var_creneau_api_fillslot_url }}", [("", "creneau")]),
        ("{{form_var_date_rdv_api_fillslot_url}}", [("", "date_rdv")]),
        ("{{ form_var_a_structured_api_fillslot_url }}", [("", "a")]),
        ("{{ form_var_a_api.fillslot_url }}", [("", "a")]),
        ("{{ suite_var_b_api_fillslot_url|default:form_var_a_api_fillslot_url }}", [("suite", "b"), ("", "a")]),
        ("{% firstof form_var_a_api_fillslot_url form_var_b_api_fillslot_url %}", [("", "a"), ("", "b")]),
        ("{{ form_workflow_form_suite_var_b_api_fillslot_url }}", [("suite", "b")]),
        ("{{ chrono_url }}api/agenda/mairie/fillslot/{{ form_var_creneau_raw }}/", [("", "creneau")]),
        (
            "{{ chrono_url }}api/agenda/{{ form_var_agenda_raw }}/fillslot/{{ form_var_creneau_raw }}/",
            [("", "creneau")],
        ),
        ("[form_var_creneau_api_fillslot_url]", [("", "creneau")]),
        ('{{ form_var_x|default:"form_var_y_api_fillslot_url" }}', []),
    ],
)
def test_the_slot_fields_of_a_booking_address(template, found) -> None:
    assert [tuple(place) for place in booking_places(template)] == found


@pytest.mark.parametrize(
    ("url", "books", "cancels"),
    [
        ("{{ form_var_x_api_fillslot_url }}", True, False),
        ("https://agendas.example.net/api/agenda/a/fillslots/", True, False),
        ("{{ chrono_url }}api/agenda/{{ form_var_a }}/fillslot/{{ form_var_b_raw }}/", True, False),
        ("{{ reservation_response_api_cancel_url }}", False, True),
        ("{{ form_workflow_data_reservation_response_api_cancel_url }}", False, True),
        ("{{ chrono_url }}api/booking/{{ form_var_id }}/cancel/", False, True),
        ("{{ form_var_x_api_datetimes_url }}", False, False),
        ("https://example.net/fillslotted/", False, False),
        ("", False, False),
    ],
)
def test_what_an_address_does(url, books, cancels) -> None:
    assert (is_booking_url(url), is_cancel_url(url)) == (books, cancels)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{ form_var_t_api_datetimes_url }}", "{{ form_var_t_api_datetimes_url }}?" + ADDED),
        ("{{u_api_datetimes_url}}?hide_disabled=true", "{{u_api_datetimes_url}}?hide_disabled=true&" + ADDED),
        ("https://x/api/agenda/a/meetings/b/datetimes/", "https://x/api/agenda/a/meetings/b/datetimes/?" + ADDED),
        ("https://x/datetimes/?", "https://x/datetimes/?" + ADDED),
        ("https://x/datetimes/?a=1&", "https://x/datetimes/?a=1&" + ADDED),
        ("{{ x }}/meetings/{{ y }}/datetimes/", "{{ x }}/meetings/{{ y }}/datetimes/?" + ADDED),
        (
            "{% firstof a_api_datetimes_url b_api_datetimes_url %}",
            "{% firstof a_api_datetimes_url b_api_datetimes_url %}?" + ADDED,
        ),
        (
            "{{ form_option_source }}",
            '{{ form_option_source }}{% if "?" in form_option_source %}&{% else %}?{% endif %}' + ADDED,
        ),
        ("https://x/?lock_code={{ session_hash_id }}&a=1", f"https://x/?{ADDED}&a=1"),
        ("https://x/?a=1&lock_code=", f"https://x/?a=1&{ADDED}"),
        (f"https://x/?{ADDED}", f"https://x/?{ADDED}"),
        ("https://x/datetimes/ ", f"https://x/datetimes/?{ADDED} "),
    ],
)
def test_the_lock_code_in_an_address(before, after) -> None:
    assert with_lock_code(before) == after
    assert with_lock_code(after) == after


@pytest.mark.parametrize("template", ["https://x/#part", "{% if a %}{{ b }}{% endif %}"])
def test_an_address_whose_query_cannot_be_known_is_left_alone(template) -> None:
    assert with_lock_code(template) is None


@pytest.mark.parametrize("template", ["{{ a", "a }}", "{% if a", "[form_var_x_api_datetimes_url]"])
def test_a_template_that_cannot_be_parsed_is_told(template) -> None:
    assert unparsable(template)


@pytest.mark.parametrize("template", ["", "https://x/", "{{ a }}", "{% firstof a b %}", "https://x/?q[]=1"])
def test_a_template_that_can_be_parsed_is_not(template) -> None:
    assert not unparsable(template)


@given(st.text(alphabet="{}%[]?&=#abc_/ "))
def test_any_text_is_read_and_a_second_time_changes_nothing(template) -> None:
    booking_places(template)
    if not unparsable(template):
        once = with_lock_code(template)
        if once is not None:
            assert with_lock_code(once) == once

"""Guessing passwords is slow, and keeps nobody else out."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from adapter import budgets
from adapter.accounts.guesses import count_wrong, forget_guesses, seconds_to_wait

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, settings):
    cache.clear()
    budgets.forget()
    monkeypatch.setattr(budgets.time, "time", lambda: 1_800_000_030.0)
    settings.LOGIN_FAILURES_MAX = 3
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("ada", "bob"):
        get_user_model().objects.create_user(name, password="right")
    yield
    budgets.forget()


def tries(name: str, password: str, address: str = HERE):
    return Client(REMOTE_ADDR=address).post("/login/", {"username": name, "password": password})


def test_after_some_wrong_passwords_one_waits_even_with_the_right_one() -> None:
    assert [tries("ada", "wrong").status_code for _ in range(3)] == [200, 200, 200]
    refused = tries("ADA ", "right")
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert refused.context["wait"] == 30
    # It does not say whether the password was right.
    assert not refused.context["form"].errors
    assert "sessionid" not in refused.cookies


def test_nobody_locks_a_colleague_out_from_elsewhere() -> None:
    for _ in range(4):
        tries("ada", "wrong", ELSEWHERE)
    assert tries("ada", "right").status_code == 302
    assert tries("bob", "right", ELSEWHERE).status_code == 302


def test_trying_many_names_is_slow_too() -> None:
    answers = [tries(f"name-{number}", "wrong").status_code for number in range(16)]
    assert answers == [200] * 15 + [429]
    assert tries("ada", "right", ELSEWHERE).status_code == 302


def test_the_next_minute_is_a_new_one(monkeypatch) -> None:
    for _ in range(3):
        tries("ada", "wrong")
    monkeypatch.setattr(budgets.time, "time", lambda: 1_800_000_061.0)
    assert tries("ada", "right").status_code == 302


def test_right_passwords_cost_nothing(settings) -> None:
    assert [tries("ada", "right").status_code for _ in range(6)] == [302] * 6


def test_it_can_be_switched_off(settings) -> None:
    settings.LOGIN_FAILURES_MAX = 0
    assert [tries("ada", "wrong").status_code for _ in range(20)] == [200] * 20


@pytest.mark.parametrize(
    "typed", ["\uff56ictim", "VICTIM", "  victim\u2003", "v\u0131ctim".replace("\u0131", "\uff49"), "\u24e5ictim"]
)
def test_a_name_is_counted_as_django_reads_it(typed) -> None:
    get_user_model().objects.create_user("victim", password="right")
    for _ in range(3):
        tries("victim", "wrong")
    assert tries(typed, "right").status_code == 429


def test_addresses_of_one_network_are_one() -> None:
    for number in range(3):
        tries("ada", "wrong", f"2001:db8:1:2::{number:x}")
    assert tries("ada", "right", "2001:db8:1:2:ffff::1").status_code == 429
    assert tries("ada", "right", "2001:db8:1:3::1").status_code == 302
    for address in ("::ffff:192.0.2.77", "192.0.2.77", "::ffff:c000:24d"):
        tries("bob", "wrong", address)
    assert tries("bob", "right", "192.0.2.77").status_code == 429


def test_other_processes_know_of_the_guesses() -> None:
    """Each web process has a cache and counts of its own where there is no Redis."""
    for _ in range(3):
        tries("ada", "wrong")
        cache.clear()
        budgets.forget()
    assert tries("ada", "right").status_code == 429


def test_what_was_counted_is_forgotten_when_its_minute_is_over(monkeypatch) -> None:
    tries("ada", "wrong")
    assert forget_guesses() == 0
    monkeypatch.setattr(budgets.time, "time", lambda: 1_800_000_061.0)
    assert forget_guesses() == 2


def test_a_process_that_is_late_in_the_minute_before_makes_no_other_forget(monkeypatch) -> None:
    for moment in (60.1, 60.2, 59.9, 60.3):
        monkeypatch.setattr(budgets.time, "time", lambda moment=moment: 1_800_000_000.0 + moment)
        count_wrong("ada")
    assert seconds_to_wait("ada", 3) == 60

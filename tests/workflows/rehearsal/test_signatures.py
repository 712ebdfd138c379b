"""Signatures, made and checked (wcs-runtime.md §7): the stand-in's own code and the adapter's agree."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from adapter.wcs.signature import SignatureRefused, verify_query
from adapter.wcs.signature import sign_query as adapter_signs
from workflows import builder as b
from workflows.rehearsal.signature import Nonces, Refused, check_query, sign_query, sign_url

from .making import KEY, form_of, served, site_of, workflow_of

THEN = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
NONCE = "00112233445566778899aabbccddeeff"
#: Query → what is appended as signature, as w.c.s. sends it.
VECTORS = {
    "backoffice-submission=on&orig=agenda.example.net&NameID=0123456789abcdef0123456789abcdef": (
        "XwsuXbvgKP/uacFZiTfPUg43PGHe1UqR3p7sF4u/VHE%3D"
    ),
    "orig=agenda.example.net&NameID=0123456789abcdef0123456789abcdef": (
        "beRrcrbQ33b19oJo4eGB1LiYmXYHRrIX8vTiQ%2BoK3ng%3D"
    ),
    "orig=demarches.example.net": "D0YK1HUANR%2BcN2cgrdMj3u0cP4DzZm6dbsxKCy4XSVk%3D",
    "lock_code=b8a8b6a0&orig=demarches.example.net": "8UEhWNoZfABwJsdhqHuLyWeOm3VijH9fl/yr5IOR%2BAk%3D",
}
Check = Callable[[str, datetime.datetime], str]


def by_the_stand_in(query: str, now: datetime.datetime) -> str:
    return check_query(query, lambda orig: KEY, now, Nonces())


def by_the_adapter(query: str, now: datetime.datetime) -> str:
    return verify_query(query, lambda orig: KEY, now=now, first_use=lambda nonce, until: True)


BOTH = pytest.mark.parametrize("check", [by_the_stand_in, by_the_adapter])


@pytest.mark.parametrize("query", VECTORS)
def test_7_3_both_sides_sign_the_vectors_alike(query: str) -> None:
    ours = sign_query(query, KEY, THEN, NONCE)
    assert ours.endswith(f"&signature={VECTORS[query]}")
    assert (
        adapter_signs(query, KEY, orig="", now=THEN, nonce=NONCE).partition("&signature=")[0]
        == ours.partition("&signature=")[0]
    )


@BOTH
@pytest.mark.parametrize("query", VECTORS)
def test_7_3_both_sides_accept_the_vectors(check: Check, query: str) -> None:
    signed = sign_query(query, KEY, THEN, NONCE)
    assert check(signed, THEN) == query.partition("orig=")[2].partition("&")[0]
    assert check(signed.replace("/", "%2F"), THEN)


@BOTH
@given(query=st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), max_size=20))
def test_7_2_what_one_side_signs_the_other_accepts(check: Check, query: str) -> None:
    base = f"a={query}&orig=x"
    assert check(sign_query(base, KEY, THEN), THEN) == "x"
    assert check(adapter_signs(base, KEY, orig="", now=THEN), THEN) == "x"


def test_7_2_an_empty_query_gets_no_leading_ampersand_and_nonces_are_hexadecimal() -> None:
    signed = sign_query("", KEY, THEN)
    assert signed.startswith("algo=sha256&timestamp=2024-01-02T03%3A04%3A05Z&nonce=")
    assert int(signed.partition("nonce=")[2].partition("&")[0], 16)
    assert sign_url("http://x/?a=1", KEY, THEN, "me").startswith("http://x/?a=1&orig=me&algo=")


def test_7_1_no_signature_is_no_error() -> None:
    assert by_the_stand_in("a=1&orig=x", THEN) == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda q: q.replace("orig=x&", ""), "Missing/multiple orig field."),
        (lambda q: q.replace("orig=x", "orig=other"), "Invalid orig."),
        (lambda q: q.replace("algo=sha256&", ""), "Missing/multiple algo field."),
        (lambda q: q.replace("algo=", "algo=sha256&algo="), "Missing/multiple algo field."),
        (lambda q: q.replace("sha256", "rot13"), "Invalid algo."),
        (lambda q: q.replace("a=1", "a=2"), "Invalid signature."),
        (lambda q: q + "A", "Invalid signature."),
    ],
)
def test_7_1_refusals(change: Callable[[str], str], message: str) -> None:
    query = change(sign_query("a=1&orig=x", KEY, THEN))
    with pytest.raises(Refused, match=message):
        check_query(query, {"x": KEY}.get, THEN, Nonces())


@BOTH
@pytest.mark.parametrize(("seconds", "good"), [(30, True), (-30, True), (31, False), (-31, False)])
def test_7_1_the_window_is_30_seconds_both_ways(check: Check, seconds: int, good: bool) -> None:
    query = sign_query("orig=x", KEY, THEN)
    now = THEN + datetime.timedelta(seconds=seconds)
    if good:
        assert check(query, now) == "x"
        return
    with pytest.raises((Refused, SignatureRefused)):
        check(query, now)


def test_7_1_a_nonce_is_good_once_in_30_seconds_whoever_signed_and_however_it_is_written() -> None:
    nonces = Nonces()
    keys = {"x": KEY, "y": "other"}.get
    check_query(sign_query("orig=x", KEY, THEN, "Ab/1"), keys, THEN, nonces)
    with pytest.raises(Refused, match="Nonce already used"):
        check_query(sign_query("orig=y", "other", THEN, "aB-1"), keys, THEN, nonces)
    later = THEN + datetime.timedelta(seconds=31)
    assert check_query(sign_query("orig=x", KEY, later, "Ab/1"), keys, later, nonces) == "x"


def test_7_1_only_what_stands_before_the_signature_is_covered() -> None:
    assert by_the_stand_in(sign_query("orig=x", KEY, THEN) + "&more=1", THEN) == "x"


def test_7_1_a_repeated_orig_is_its_first_value() -> None:
    assert by_the_stand_in(sign_query("orig=x&orig=y", KEY, THEN), THEN) == "x"


def test_7_1_refusals_are_403_in_json_and_a_nonce_is_not_taken_twice() -> None:
    site = site_of(form_of(b.text_field("Nom", "nom")), workflow_of())
    with served(site) as url:
        now = datetime.datetime.now(datetime.UTC)
        way = f"{url}api/roles?" + adapter_signs("", KEY, orig="agendas.test", now=now)
        first, second = (requests.get(way, timeout=10) for _ in range(2))
    assert first.status_code == 200
    assert (second.status_code, second.json()["err_desc"]) == (403, "Nonce already used.")

"""Signatures of the platform: the contract's vectors, the window, replay, and what attackers try."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from adapter.wcs.signature import SignatureRefused, query_parameters, sign_query, sign_url, verify_query

KEY, ORIG = "s3cr3t-key-0123456789", "demarches.example.org"
NOW = datetime.datetime(2025, 1, 15, 9, 30, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


@dataclass(frozen=True)
class Vector:
    """A signed address of the contract: made from ``url``, ends with ``signature`` (Base64)."""

    url: str
    signature: str
    key: str
    orig: str
    now: datetime.datetime
    nonce: str
    algo: str = "sha256"


CHRONO = {"key": KEY, "orig": ORIG, "now": NOW, "nonce": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}
WCS_TIME = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
WCS = {"key": "s3cr3t", "now": WCS_TIME, "nonce": "00112233445566778899aabbccddeeff"}
AGENT = "orig=agenda.example.net&NameID=0123456789abcdef0123456789abcdef"
VECTORS = [
    Vector("https://chrono.example.org/api/agenda/", "WEbfLqpDUTP9e1NN1391GgWJqiaqjvhbVR+VjVTEa3w=", **CHRONO),
    Vector(
        "https://chrono.example.org/api/agenda/mairie/meetings/passeport/datetimes/"
        "?lock_code=abc123&date_start=2025-02-01",
        "sCWfLxaQv9QggJnX1YsguIqw9IzI3k4Qz23vBhIWfrQ=",
        **CHRONO,
    ),
    Vector(
        "https://chrono.example.org/api/agenda/mairie/fillslot/passeport:2025-02-03-0900/",
        "MEc7YURcqq3YWY+I2i5hw+alUWfv8gMJ8OianFehPOE=",
        KEY,
        ORIG,
        NOW + 5 * SECOND,
        "00112233445566778899aabbccddeeff",
    ),
    Vector(
        "https://chrono.example.org/api/agenda/?q=mairie+annexe%20%C3%A9t%C3%A9",
        "JSaF2NkgXcmeJtTcmWuGbUIinq8=",
        **CHRONO,
        algo="sha1",
    ),
    Vector(
        f"https://demarches.example.net/api/formdefs/?backoffice-submission=on&{AGENT}",
        "XwsuXbvgKP/uacFZiTfPUg43PGHe1UqR3p7sF4u/VHE=",
        orig="agenda.example.net",
        **WCS,
    ),
    Vector(
        f"https://demarches.example.net/api/formdefs/rdv-passeport/submit?{AGENT}",
        "beRrcrbQ33b19oJo4eGB1LiYmXYHRrIX8vTiQ+oK3ng=",
        orig="agenda.example.net",
        **WCS,
    ),
    Vector(
        "https://agenda.example.net/api/agenda/?orig=demarches.example.net",
        "D0YK1HUANR+cN2cgrdMj3u0cP4DzZm6dbsxKCy4XSVk=",
        orig="demarches.example.net",
        **WCS,
    ),
    Vector(
        "https://agenda.example.net/api/agenda/etat-civil/meetings/passeport/datetimes/"
        "?lock_code=b8a8b6a0&orig=demarches.example.net",
        "8UEhWNoZfABwJsdhqHuLyWeOm3VijH9fl/yr5IOR+Ak=",
        orig="demarches.example.net",
        **WCS,
    ),
]


class Nonces:
    """The nonces that were used, in memory."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()

    def first_use(self, orig: str, nonce: str) -> bool:
        """Whether it is new."""
        new = (orig, nonce) not in self.used
        self.used.add((orig, nonce))
        return new


def verify(query: str, *, now: datetime.datetime = NOW, key: str = KEY, nonces: Nonces | None = None) -> str:
    return verify_query(query, {ORIG: key}.get, now=now, first_use=(nonces or Nonces()).first_use)


def signed(query: str = "", **values: str) -> str:
    return sign_query(query, values.pop("key", KEY), orig=ORIG, now=NOW, **values)


def forged(base: str, key: str = KEY, algo: str = "sha256") -> str:
    """``base`` with a right signature over exactly these bytes, whatever they are."""
    mac = hmac.new(key.encode(), base.encode("latin-1"), algo).digest()
    return f"{base}&signature={quote(base64.b64encode(mac))}"


BASE = f"orig={ORIG}&algo=sha256&timestamp=2025-01-15T09%3A30%3A00Z"


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_of_the_contract_are_what_we_sign(vector: Vector) -> None:
    url = sign_url(vector.url, vector.key, orig=vector.orig, now=vector.now, nonce=vector.nonce, algo=vector.algo)
    assert dict(parse_qsl(urlsplit(url).query))["signature"] == vector.signature
    assert url.rpartition("&")[2].startswith("signature=")


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_the_vectors_of_the_contract_are_accepted(vector: Vector, slash: str) -> None:
    url = sign_url(vector.url, vector.key, orig=vector.orig, now=vector.now, nonce=vector.nonce, algo=vector.algo)
    base, _, signature = urlsplit(url).query.rpartition("&signature=")
    query = f"{base}&signature={signature.replace('/', slash)}"
    for moment in (vector.now - 30 * SECOND, vector.now, vector.now + 30 * SECOND):
        assert verify_query(query, {vector.orig: vector.key}.get, now=moment, first_use=Nonces().first_use)
    for moment in (vector.now - 31 * SECOND, vector.now + 31 * SECOND):
        with pytest.raises(SignatureRefused, match="30 seconds"):
            verify_query(query, {vector.orig: vector.key}.get, now=moment, first_use=Nonces().first_use)
    with pytest.raises(SignatureRefused, match="Invalid signature"):
        verify_query(query, {vector.orig: "another key"}.get, now=vector.now, first_use=Nonces().first_use)


def test_a_nonce_is_accepted_once() -> None:
    nonces, query = Nonces(), signed()
    assert verify(query, nonces=nonces) == ORIG
    with pytest.raises(SignatureRefused, match="Nonce"):
        verify(query, nonces=nonces)


def test_a_refused_call_does_not_use_up_its_nonce() -> None:
    nonces, query = Nonces(), signed()
    with pytest.raises(SignatureRefused):
        verify(query, key="another key", nonces=nonces)
    with pytest.raises(SignatureRefused):
        verify(query, now=NOW + 31 * SECOND, nonces=nonces)
    assert verify(query, nonces=nonces) == ORIG


def test_a_call_without_a_nonce_is_accepted_as_wcs_does() -> None:
    assert verify(forged(BASE)) == ORIG


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lock_code=abc",
        "&signature=",
        f"{BASE}&signature=",
        signed() + "&lock_code=other",
        signed() + "&signature=" + quote("A" * 43 + "="),
        signed().replace("&signature=", "&signature=x&signature=x"),
        "lock_code=other&" + signed(),
        signed()[:-4],
        signed().replace("%3D", ""),
        signed() + "%00",
        signed() + "%FF",
        # Never on a wire: no server hands it over, whoever calls the function may.
        f"{BASE}&x=€&signature=abc",
        signed().replace("algo=sha256", "algo=sha1"),
        signed().replace("orig=", "ORIG="),
        signed(key="another key"),
        signed(key=""),
        signed("é=1").replace("%C3%A9", "é"),
    ],
)
def test_a_call_that_is_not_signed_as_it_stands_is_refused(query: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(query)


@pytest.mark.parametrize(
    "base",
    [
        BASE.replace("&algo=sha256", ""),
        BASE.replace("sha256", "md5"),
        BASE.replace("sha256", "none"),
        BASE.replace("sha256", "SHA256"),
        f"{BASE}&algo=sha256",
        f"{BASE}&orig=other.example.org",
        f"{BASE}&or%69g={ORIG}",
        f"{BASE}&timestamp=2025-01-15T09%3A30%3A00Z",
        f"{BASE}&nonce=1&nonce=2",
        f"{BASE}&nonce=",
        BASE.replace(ORIG, ""),
        BASE.replace("09%3A30%3A00Z", "09%3A30%3A00"),
        BASE.replace("09%3A30%3A00Z", "09%3A30%3A00%2B00%3A00"),
        BASE.replace("2025-01-15", "2025-02-30"),
        BASE.replace("2025", "٢٠٢٥".encode().decode("latin-1")),
    ],
)
def test_a_rightly_keyed_call_with_odd_parameters_is_refused(base: str) -> None:
    algo = "md5" if "md5" in base else "sha256"
    with pytest.raises(SignatureRefused):
        verify(forged(base, algo=algo))


WHEN = "Invalid timestamp field; it must be in UTC, as YYYY-MM-DDTHH:MM:SSZ."


@pytest.mark.parametrize(
    ("query", "now", "reason"),
    [
        ("", NOW, "Missing signature."),
        (signed() + "&lock_code=other", NOW, "The signature is not the last parameter."),
        (forged(BASE.replace("sha256", "md5"), algo="md5"), NOW, "Invalid algo."),
        (signed(key="another key"), NOW, "Invalid signature."),
        (forged(BASE.replace(f"orig={ORIG}&", "")), NOW, "Missing/multiple orig field."),
        (forged(f"{BASE}&algo=sha1"), NOW, "Missing/multiple algo field."),
        (forged(f"{BASE}&nonce="), NOW, "Missing/multiple nonce field."),
        (forged(BASE.replace("00Z", "00")), NOW, WHEN),
        (forged(BASE.replace("2025-01-15", "2025-02-30")), NOW, WHEN),
        (
            signed(),
            NOW + 31 * SECOND,
            "The timestamp is more than 30 seconds away; compare the clocks of both servers.",
        ),
        (signed(nonce="used"), NOW, "Nonce already used."),
    ],
)
def test_a_refusal_says_what_to_mend(query: str, now: datetime.datetime, reason: str) -> None:
    nonces = Nonces()
    nonces.first_use(ORIG, "used")
    with pytest.raises(SignatureRefused) as refused:
        verify(query, now=now, nonces=nonces)
    assert refused.value.reason == str(refused.value) == reason


def test_a_nonce_is_used_up_for_its_caller_only() -> None:
    nonces = Nonces()
    keys = {ORIG: KEY, "other.example.org": "another key"}
    for orig, key in keys.items():
        query = sign_query("", key, orig=orig, now=NOW, nonce="the same")
        assert verify_query(query, keys.get, now=NOW, first_use=nonces.first_use) == orig


def test_a_nonce_that_ends_with_an_equals_sign_is_accepted_once() -> None:
    nonces, query = Nonces(), forged(f"{BASE}&nonce=bm9uY2U=")
    assert verify(query, nonces=nonces) == ORIG
    with pytest.raises(SignatureRefused, match="Nonce"):
        verify(query, nonces=nonces)


def test_an_address_is_signed_with_sha256_and_without_its_fragment() -> None:
    url = sign_url("https://demarches.example.net/api/?a=1#part", KEY, orig=ORIG, now=NOW)
    assert "#" not in url
    query = urlsplit(url).query
    assert dict(parse_qsl(query))["algo"] == "sha256"
    assert verify(query) == ORIG


def test_an_unknown_caller_reads_the_same_answer_as_a_wrong_key() -> None:
    with pytest.raises(SignatureRefused) as unknown:
        verify(forged(BASE.replace(ORIG, "other.example.org")))
    with pytest.raises(SignatureRefused) as wrong:
        verify(forged(BASE, key="another key"))
    assert unknown.value.reason == wrong.value.reason


def test_a_service_without_a_key_cannot_call() -> None:
    with pytest.raises(SignatureRefused):
        verify(forged(BASE, key=""), key="")


def test_the_last_signature_is_the_one_that_counts() -> None:
    twice = forged(f"{BASE}&nonce=1&signature=old")
    assert verify(twice) == ORIG


def test_other_digests_than_the_platform_uses_cannot_be_signed_with() -> None:
    with pytest.raises(ValueError, match="'md5' is not one of sha1, sha256, sha384, sha512"):
        sign_query("", KEY, orig=ORIG, now=NOW, algo="md5")
    assert "md5" in hashlib.algorithms_guaranteed


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_whatever_is_signed_is_accepted_and_one_changed_byte_is_not(pairs: list[tuple[str, str]]) -> None:
    reserved = {"orig", "algo", "timestamp", "nonce", "signature"}
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs if name not in reserved)
    found = signed(query)
    assert verify(found) == ORIG
    assert [pair for pair in parse_qsl(found, keep_blank_values=True) if pair[0] not in reserved] == [
        pair for pair in pairs if pair[0] not in reserved
    ]
    with pytest.raises(SignatureRefused):
        verify("x" + found)


@given(st.text())
def test_any_text_is_answered_and_never_accepted(query: str) -> None:
    with pytest.raises(SignatureRefused):
        verify(query)


# As on the wire: escapes whole and broken, bytes that are UTF-8 and bytes that are not, separators at odd places.
PIECES = st.sampled_from(
    ["a", "b", "=", "&", "+", "%20", "%2B", "%C3%A9", "%E9", "%", "%2", "%zz", ";", "\u00c3\u00a9", "\u00e9"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_query_is_read_as_django_reads_it(query: str) -> None:
    """The signature and the views have one opinion on what was asked, the usual one."""
    raw = query.encode("latin-1")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    assert query_parameters(query) == dict(QueryDict(raw).lists())

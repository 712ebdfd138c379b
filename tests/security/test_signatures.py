"""Attacks on the signature, through the whole stack: what is refused changes nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, unquote

import pytest
import requests

from adapter.agendas.models import Booking
from tests.support.signed import KEY, ORIG, Api, signed_query
from tests.support.web import database_url, web_server

pytestmark = pytest.mark.both_databases

SLOT = "passeport:2026-11-24-0900"
FILL = f"/api/agenda/mairie/fillslot/{SLOT}/"


def post(api: Api, query: str) -> int:
    answer = api.client.generic(
        "POST", FILL, b'{"lock_code": "K"}', content_type="application/json", QUERY_STRING=query
    )
    return answer.status_code


def resigned(base: str, algo: str = "sha256", key: str = KEY) -> str:
    mac = base64.b64encode(hmac.new(key.encode(), base.encode(), getattr(hashlib, algo)).digest()).decode()
    return f"{base}&signature={quote(mac)}"


def parts() -> tuple[str, str]:
    """The signed text and its signature, decoded."""
    base, _, given = signed_query("a=1").rpartition("&signature=")
    return base, unquote(given)


def attacks() -> dict[str, str]:
    base, mac = parts()
    timestamp = base.partition("&timestamp=")[2].partition("&")[0]
    raw = base64.b64decode(mac)
    other, _ = parts()
    return {
        "parameter added after": f"{base}&signature={quote(mac)}&lock_code=L",
        "parameter added before": f"lock_code=L&{base}&signature={quote(mac)}",
        "parameter taken away": f"{base.replace('a=1&', '')}&signature={quote(mac)}",
        "value changed": f"{base.replace('a=1', 'a=2')}&signature={quote(mac)}",
        "name in capitals": f"{base}&SIGNATURE={quote(mac)}",
        "two signatures, the right one first": f"{base}&signature={quote(mac)}&signature=AAAA",
        "two signatures, the right one last, unsigned one inside": f"{base}&signature=AAAA&signature={quote(mac)}",
        "of another call": f"{other}&signature={quote(mac)}x",
        "empty": f"{base}&signature=",
        "truncated": f"{base}&signature={quote(mac[:20])}",
        "without padding": f"{base}&signature={quote(mac.rstrip('='))}",
        "more padding": f"{base}&signature={quote(mac)}%3D",
        "in hexadecimal": f"{base}&signature={raw.hex()}",
        "alphabet of the web": f"{base}&signature={quote(base64.urlsafe_b64encode(raw).decode() + ' ')}",
        "with a line end": f"{base}&signature={quote(mac)}%0A",
        "with a null": f"{base}&signature={quote(mac)}%00",
        "encoded twice": f"{base}&signature={quote(quote(mac, safe=''), safe='')}",
        "not ASCII": f"{base}&signature={quote('é' + mac[1:])}",
        "full width": f"{base}&signature={quote(''.join(chr(ord(c) + 0xFEE0) for c in mac))}",
        "two origs": resigned(base.replace(f"orig={ORIG}", f"orig={ORIG}&orig=evil")),
        "orig without value": resigned(base.replace(f"orig={ORIG}", "orig=")),
        "orig of nobody": resigned(base.replace(f"orig={ORIG}", "orig=nobody")),
        "orig in another case": resigned(base.replace(f"orig={ORIG}", f"orig={ORIG.upper()}")),
        "orig in two encodings": resigned(base.replace(f"orig={ORIG}", f"orig={ORIG}&%6Frig=evil")),
        "no orig": resigned(base.replace(f"&orig={ORIG}", "")),
        "md5": resigned(base.replace("algo=sha256", "algo=md5"), "md5"),
        "no algorithm": resigned(base.replace("algo=sha256", "algo=none")),
        "empty algorithm": resigned(base.replace("algo=sha256", "algo=")),
        "algorithm that takes a length": resigned(base.replace("algo=sha256", "algo=shake_128")),
        "a weaker algorithm than was named": resigned(base, "sha1"),
        "two algorithms": resigned(base.replace("algo=sha256", "algo=sha256&algo=sha1")),
        "empty key": resigned(base, key=""),
        "another key": resigned(base, key="wrong"),
        "two timestamps": resigned(f"{base}&timestamp={timestamp}"),
        "timestamp of a year ago": resigned(base.replace(timestamp[:4], "2025")),
        "timestamp in other digits": resigned(base.replace(timestamp[:4], quote("２０２６"))),
        "timestamp with a zone": resigned(base.replace("Z&nonce", "%2B00%3A00&nonce")),
        "two nonces": resigned(f"{base}&nonce=other"),
        "empty nonce": resigned(base.split("&nonce=")[0] + "&nonce="),
        "semicolons": f"{base.replace('&', ';')}&signature={quote(mac)}",
        "nothing but a signature": "signature=AAAA",
        "no query": "",
    }


@pytest.mark.parametrize("name", list(attacks()))
def test_attacks_are_refused_and_change_nothing(api, name) -> None:
    assert post(api, attacks()[name]) == 403, name
    assert not Booking.objects.exists()


def test_the_call_that_the_attacks_are_made_of_is_good(api) -> None:
    base, mac = parts()
    assert post(api, f"{base}&signature={quote(mac)}") == 200


def test_a_signature_of_one_service_is_no_signature_of_another(api, settings) -> None:
    from adapter.wcs.known_services import parse_known_services

    service = {"title": "", "url": "https://a.test/", "orig": "us", "secret": KEY, "verif_orig": ORIG}
    other = {**service, "url": "https://b.test/", "secret": "other", "verif_orig": "other.test"}
    settings.KNOWN_SERVICES = parse_known_services({"wcs": {"a": service, "b": other}})
    base, _ = parts()
    assert post(api, resigned(base.replace(f"orig={ORIG}", "orig=other.test"))) == 403


@pytest.mark.parametrize("equal", [True, False])
def test_only_the_comparison_in_constant_time_decides_about_secrets(api, client, settings, monkeypatch, equal) -> None:
    """A clock cannot show it; that nothing else decides is seen when that comparison is made to lie."""
    settings.METRICS_TOKEN = "token"
    base, mac = parts()
    right, wrong = f"{base}&signature={quote(mac)}", resigned(base, key="wrong")
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: equal)
    assert post(api, wrong if equal else right) == (200 if equal else 403)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {'wrong' if equal else 'token'}"})
    assert answer.status_code == (200 if equal else 404)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("redis", [False, True], ids=["without Redis", "with Redis"])
def test_a_call_that_is_replayed_to_other_processes_works_once(shared_database, tmp_path, redis) -> None:
    import os

    service = {"title": "", "url": "http://127.0.0.1:9/", "orig": "us", "secret": KEY, "verif_orig": ORIG}
    environment = {
        "DATABASE_URL": database_url(shared_database),
        "KNOWN_SERVICES": json.dumps({"wcs": {"test": service}}),
        "LOG_LEVEL": "ERROR",
    }
    if redis:
        if not os.environ.get("TEST_REDIS_URL"):
            pytest.skip("no Redis")
        environment["REDIS_URL"] = os.environ["TEST_REDIS_URL"]
    with web_server(tmp_path, environment, workers=4) as base:
        for _ in range(5):
            query = signed_query()
            with ThreadPoolExecutor(8) as pool:
                answers = list(
                    pool.map(
                        lambda _, q=query: requests.get(f"{base}/api/agenda/?{q}", timeout=28).status_code, range(8)
                    )
                )
            assert sorted(answers) == [200] + [403] * 7

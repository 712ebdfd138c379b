"""Calls to w.c.s. over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapter.wcs.services import UnknownAddress, WcsUnreachable, call_hook
from tests.support.servers import free_port
from tests.support.signed import known_services
from tests.support.wcs_double import CALLER, WcsDouble


@pytest.fixture
def wcs(settings) -> Iterator[WcsDouble]:
    with WcsDouble() as double:
        settings.KNOWN_SERVICES = known_services(double.url)
        yield double


def test_a_hook_is_a_signed_post_of_json(wcs) -> None:
    reply = call_hook(f"{wcs.url}api/forms/rdv/1/hooks/annuler/", {"why": "fermé"})
    assert (reply.status, reply.error) == (200, "")
    [call] = wcs.calls
    assert (call.method, call.path, call.body) == ("POST", "/api/forms/rdv/1/hooks/annuler/", {"why": "fermé"})
    assert call.signed_by == CALLER


def test_each_attempt_is_signed_anew(wcs) -> None:
    for _ in range(2):
        assert call_hook(f"{wcs.url}hook/", {}).status == 200


def test_a_query_that_is_there_is_kept_and_signed(wcs) -> None:
    call_hook(f"{wcs.url}hook/?bypass-processing-check=on", {})
    assert wcs.calls[0].query.startswith("bypass-processing-check=on&orig=")
    assert wcs.calls[0].signed_by == CALLER


def test_a_refusal_is_told_in_the_words_of_wcs(wcs) -> None:
    wcs.answers = [(403, {"err": 1, "err_desc": "Formdata currently processing actions."}), (500, "<h1>Oops</h1>")]
    assert call_hook(f"{wcs.url}hook/", {}).error == "Formdata currently processing actions."
    assert call_hook(f"{wcs.url}hook/", {}).error == "HTTP 500"


def test_an_error_in_a_good_status_is_an_error(wcs) -> None:
    wcs.answers = [(200, {"err": 1, "err_class": "refused"})]
    assert call_hook(f"{wcs.url}hook/", {}).error == "refused"


def test_redirects_are_not_followed(wcs) -> None:
    wcs.answers = [(302, "")]
    assert call_hook(f"{wcs.url}hook/", {}).status == 302
    assert len(wcs.calls) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example.org/hook/",
        "http://127.0.0.1:1/hook/",
        "https://{host}/hook/",
        "http://user@{host}/hook/",
        "http://{host}@evil.example.org/",
        "http://{host}.evil.example.org/",
        "file:///etc/passwd",
        "//{host}/hook/",
        "hook/",
        "http://[",
        "",
    ],
)
def test_no_other_address_is_ever_called(wcs, url) -> None:
    with pytest.raises(UnknownAddress):
        call_hook(url.format(host=wcs.url.split("/")[2]), {})
    assert wcs.calls == []


def test_a_server_that_is_down_is_told(settings) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    settings.KNOWN_SERVICES = known_services(url)
    with pytest.raises(WcsUnreachable) as failure:
        call_hook(f"{url}hook/", {})
    assert not failure.value.timed_out

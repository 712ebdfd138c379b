"""The OpenAPI document is true: fuzzed against a running server, every answer checked against it."""

from __future__ import annotations

import json

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapter.agendas.queries.snapshot import cache
from adapter.api.openapi.document import build_document
from adapter.api.routes import ROUTES
from tests.agendas.builders import make_agenda, make_virtual
from tests.support.signed import HttpApi, known_services, signed_query
from tests.support.thorough import at_length

pytestmark = pytest.mark.servers

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# What generated values are now and then replaced by, or nothing but refusals would be seen.
REAL = {
    "agenda": ["mairie", "toutes-mairies"],
    "meeting_type": ["passeport", "mariage"],
    "code": ["K", "L"],
    "user_external_id": ["ada"],
    "backoffice_url": ["https://wcs.test/backoffice/management/rdv/1/"],
}
SCHEMA = schemathesis.openapi.from_dict(build_document(ROUTES))


@pytest.fixture
def server(live_server, settings, transactional_db) -> HttpApi:
    settings.KNOWN_SERVICES = known_services()
    settings.BASE_URL = f"{live_server.url}/"
    cache.clear()
    mairie = make_agenda(weekdays=range(7))
    make_virtual("toutes-mairies", mairie, make_agenda("annexe", desks=1, weekdays=range(7)))
    return HttpApi(live_server.url)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_answer_is_as_documented(server, route) -> None:
    address = "/api/" + route.address
    for kind in ("slug", "str", "path", "int"):
        address = address.replace(f"<{kind}:", "{")
    address = address.replace(">", "}")
    slots = [item["id"] for item in server.get("agenda/mairie/meetings/passeport/datetimes/").json["data"]][:4]
    booked = [server.post(f"agenda/mairie/fillslot/{slots[0]}/", {"user_external_id": "ada"}).json["booking_id"]]
    server.post(f"agenda/mairie/fillslot/{slots[1]}/", {"lock_code": "K"})
    real = {**REAL, "slot": slots, "booking": booked, "slots": [slots[:2]]}
    for method in route.operations:
        _fuzz(SCHEMA[address][method], server, real)


def _fuzz(operation: schemathesis.schemas.APIOperation, server: HttpApi, real: dict[str, list[object]]) -> None:
    seen: set[int] = set()
    number = 0

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=at_length(12, 25),
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    def run(case: schemathesis.Case) -> None:
        nonlocal number
        number += 1
        for values in (case.path_parameters, case.query):
            for name in list(values or {}):
                if name in real and number % 3:
                    values[name] = real[name][number % len(real[name])]
        for name in ("slots", "backoffice_url"):
            if isinstance(case.body, dict) and name in case.body and number % 2:
                case.body[name] = real[name][0]
        arguments = case.as_transport_kwargs(base_url=server.base)
        # Schemathesis makes one slash of two.
        arguments["url"] = server.base + case.formatted_path
        query = server.session.prepare_request(
            _request(case.method, arguments["url"], params=arguments.get("params"))
        ).url.partition("?")[2]
        arguments.pop("params", None)
        arguments["url"] = f"{arguments['url']}?{signed_query(query)}"
        answer = server.session.request(**arguments, timeout=28, allow_redirects=False)
        seen.add(answer.status_code)
        case.validate_response(schemathesis.Response.from_requests(answer, verify=True), checks=CHECKS)

    run()
    assert 200 in seen, f"{operation.label} was never answered with 200: {seen}"


def _request(method: str, url: str, params: object):
    import requests

    return requests.Request(method, url, params=params)


def test_the_document_is_valid_and_served(server) -> None:
    document = server.call("GET", "openapi.json", signed=False)
    assert json.loads(document.content)["openapi"] == "3.1.0"
    SCHEMA.validate()

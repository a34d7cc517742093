"""Every route of the portal against every role, as the table of who may do what has it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from google.protobuf import descriptor_pool

from gateway.http.factory import create_app
from gateway.http.limits import Limits
from gateway.pages import factory
from services.chassis.errors import ForbiddenError
from services.chassis.policy import OPEN, Policy
from services.chassis.principal import ANONYMOUS, Role
from tests.unit.gateway.conftest import Sign
from tests.unit.gateway.peer import Peer

POLICY = Policy.bundled()
PAGES = factory.installer(None)  # type: ignore[arg-type]  # only their routes are read
APP = create_app(None, None, Limits(), installed=[PAGES])  # type: ignore[arg-type]  # likewise
ROUTES = sorted(
    f"{method} {route.path_format}"
    for route in APP.state.routes
    for method in sorted(route.methods)
)
CALLS = sorted(
    route for route, method in POLICY.routes.items() if method != OPEN and " /v1/" in route
)
"""Those of pages are walked in tests/unit/gateway/pages."""


@dataclass(frozen=True, slots=True)
class Call:
    """A good call of a route, as the OpenAPI document shows it."""

    route: str
    method: str
    path: str
    query: Mapping[str, Any]
    body: Any

    def make(self, http: httpx.Client, headers: Mapping[str, str]) -> httpx.Response:
        return http.request(
            self.method, self.path, params=self.query, json=self.body, headers=headers
        )


@pytest.fixture(scope="module")
def document(address: str) -> Mapping[str, Any]:
    return json.loads(httpx.get(f"http://{address}/openapi.json").text)


@pytest.fixture
def call(document: Mapping[str, Any], route: str) -> Call:
    method, _, path = route.partition(" ")
    operation = document["paths"][path][method.lower()]
    query = {}
    for parameter in operation.get("parameters", []):
        example = next(iter(parameter["schema"].get("examples", [])), None)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(example))
        elif parameter["in"] == "query" and parameter["required"]:
            query[parameter["name"]] = example
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = next(iter(content.get("examples", {}).values()), {}).get("value")
    return Call(route, method, path, query, body)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_has_a_row(route: str) -> None:
    """A route added to the portal is decided upon, by naming the call it makes."""
    assert route in POLICY.routes


@pytest.mark.parametrize("route", sorted(POLICY.routes))
def test_every_row_names_a_route_and_a_call(route: str) -> None:
    """A route that was taken away leaves no row behind, and no row leads nowhere."""
    assert route in ROUTES
    assert POLICY.routes[route] in {OPEN, *POLICY.rows}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("route", CALLS)
def test_a_route_is_for_whom_its_call_is_for(
    http: httpx.Client, peer: Peer, sign: Sign, call: Call, role: Role
) -> None:
    """Who may call what is behind it reaches just that; anybody else is refused unheard."""
    answer = call.make(http, sign(role, "MIA"))

    method = POLICY.routes[call.route]
    if role in POLICY.rows[method]:
        assert answer.is_success, answer.text
        assert [_method_of(request) for request in peer.asked] == [method]
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        assert peer.asked == []


@pytest.mark.parametrize(
    "route",
    [route for route, method in POLICY.routes.items() if method == OPEN and "{" not in route],
)
def test_what_is_open_asks_for_no_name(http: httpx.Client, route: str) -> None:
    """Whether it lives, whether it is ready, and how it is used: anybody may ask."""
    assert http.get(route.partition(" ")[2]).status_code != 403


@pytest.mark.parametrize("route", ["", "GET /v1/nowhere", "get /v1/cases", "POST /healthz"])
def test_a_route_without_a_row_is_refused_to_all(route: str) -> None:
    """What the table does not name is closed."""
    with pytest.raises(ForbiddenError):
        POLICY.check_route(route, ANONYMOUS)


def _method_of(request: Any) -> str:
    """Return the call that a request is of; each call has a request of its own."""
    file = descriptor_pool.Default().FindFileContainingSymbol(request.DESCRIPTOR.full_name)
    (method,) = (
        method
        for service in file.services_by_name.values()
        for method in service.methods
        if method.input_type is request.DESCRIPTOR
    )
    return f"/{method.containing_service.full_name}/{method.name}"

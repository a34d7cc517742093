"""Every page against every role, as the table of who may do what has it."""

from collections.abc import Callable

import pytest

from qyzmet.catalog.v1.catalog_pb2 import GetCatalogueRequest
from services.chassis.policy import OPEN, Policy
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer

POLICY = Policy.bundled()
PAGES = [
    route
    for route, method in POLICY.routes.items()
    if method != OPEN and route.partition(" ")[2].startswith("/{language}")
]
VALUES = {"{language}": "en", "{case_id}": CASE_ID, "{service_id}": "identity.passport"}
"""What stands in the place of each name in an address; a new name needs one."""
ROLES = [role for role in Role if role is not Role.SERVICE]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_for_whom_its_call_is_for(
    visit_as: Callable[..., Visitor], peer: Peer, route: str, role: Role
) -> None:
    """Who may call what is behind it is let in; anybody else is refused, and no service hears."""
    visitor = visit_as(role, "MIA")
    method, path = route.split(" ")
    for name, value in VALUES.items():
        path = path.replace(name, value)
    assert "{" not in path, "give the new name a value"

    if method == "GET":
        status, page = _begin(visitor, path)
    else:
        answer = visitor.send(path)
        status, page = answer.status_code, answer.text

    if role in POLICY.rows[POLICY.routes[route]]:
        assert status != 403
    else:
        assert status == 403
        assert "This page is for somebody else" in page
        # The page whose form is sent may have asked for names.
        assert {type(one) for one in peer.asked} <= {GetCatalogueRequest}


def _begin(visitor: Visitor, path: str) -> tuple[int, str]:
    """Ask for a page, and read it only where it has an end."""
    with visitor.client.stream("GET", path) as answer:
        ends = not answer.headers.get("content-type", "").startswith("text/event-stream")
        return answer.status_code, answer.read().decode() if ends else ""

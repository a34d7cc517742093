"""Another language of a page that answers a form: it is there, and it is the same page."""

from collections.abc import Callable, Iterator, Mapping, Set

import pytest
from google.protobuf.message import Message

from gateway.pages.words import translations
from qyzmet.catalog.v1.catalog_pb2 import GetCatalogueRequest
from services.chassis.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    ServiceError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.policy import OPEN, Policy
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor, in_language
from tests.unit.gateway.pages.test_policy import VALUES
from tests.unit.gateway.peer import ANSWERS, Peer

POLICY = Policy.bundled()
FRAGMENT = "POST /{language}/suggestions"
"""Is a part of a page, which has the languages already."""
FORMS = [
    route
    for route, method in POLICY.routes.items()
    if route.startswith("POST /{language}/") and method != OPEN and route != FRAGMENT
]
FILLED = {
    "version": "2",
    "key": "0f" * 16,
    "office": "MIA",
    "text": "I lost my passport",
    "contact": "aigul@mail.kz",
    "service": "identity.passport",
    "stars": "4",
    "outcome": "GRANTED",
    "question": "DETAILS_NEEDED",
    "reason": "OTHER",
    "model": "a1" * 32,
    "proposal": "3",
    "successor_id": "identity.hostile",
}
"""What any of the forms needs to be sent on."""
EMPTY: Mapping[str, str] = {}
NOTHING = translations("ru").gettext("There is nothing at this address")
EVERYTHING: Set[type[Message]] = ANSWERS.keys() - {GetCatalogueRequest}
READINGS = ("Get", "BatchGet", "List", "Open", "Suggest")
CHANGES: Set[type[Message]] = {
    kind for kind in EVERYTHING if not kind.__name__.startswith(READINGS)
}
ERRORS = [
    ConflictError(),
    VersionConflictError(),
    NotFoundError(reason="CASE_NOT_FOUND"),
    InvalidError(field="contact"),
    UnavailableError(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("route", FORMS)
def test_a_page_that_answers_a_form_is_there_in_other_languages(
    visit_as: Callable[..., Visitor], peer: Peer, route: str, error: ServiceError
) -> None:
    """Whatever was refused, and however much was filled in."""
    role = next(one for one in Role if one in POLICY.rows[POLICY.routes[route]])
    visitor = visit_as(role, "MIA")
    path = route.removeprefix("POST ")
    for name, value in VALUES.items():
        path = path.replace(name, value)

    pages = list(_pages(visitor, peer, path, error))

    assert pages, "no answer was a page"
    for page in pages:
        other = in_language(visitor, page, "ru").text
        assert '<html lang="ru">' in other
        assert NOTHING not in other


def _pages(visitor: Visitor, peer: Peer, path: str, error: ServiceError) -> Iterator[str]:
    """Give each page by which a form is answered."""
    for kinds, fields in ((CHANGES, FILLED), (CHANGES, EMPTY), (EVERYTHING, FILLED)):
        peer.refuse = dict.fromkeys(kinds, error)
        answer = visitor.send(path, **fields)
        if not answer.is_redirect:
            yield answer.text

"""What citizens may still say: that it is not done, that a machine erred, how it went."""

from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from services.chassis.principal import Principal, Role
from tests.unit.cases.conftest import Client

AIGUL = Principal("aigul", Role.CITIZEN)
BERIK = Principal("berik", Role.CITIZEN)
TRIAGE = Principal("dana", Role.TRIAGE_OFFICER)
MIA_OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
WISHES = {"ReopenCase": {}, "ObjectToDecision": {}, "RateCase": {"stars": 4}}


@pytest.fixture
def routed(cases: Client) -> pb.Case:
    """Give a case of Aigul's that a model routed to MIA."""
    case = cases.submit(principal=AIGUL)
    return cases.decide(case).case


@pytest.fixture
def done(cases: Client, routed: pb.Case) -> pb.Case:
    """Give the same case, completed by MIA."""
    cases.answer(routed, pb.RESPONSE_KIND_ACCEPT, "a1")
    return cases.answer(routed, pb.RESPONSE_KIND_COMPLETE, "a2")


def wish(
    cases: Client, case: pb.Case, verb: str, principal: Principal = AIGUL, **more: Any
) -> pb.Case:
    values = {"request_id": "w1"} | more
    request = getattr(pb, f"{verb}Request")(case_id=case.id, **values)
    return cases.call(verb, request, principal).case


def test_a_case_that_is_not_done_is_looked_at_again(cases: Client, done: pb.Case) -> None:
    """By a person, with what its citizen says; the office's access ends."""
    reopened = wish(cases, done, "ReopenCase", text="Жауап келген жоқ")

    assert (reopened.state, reopened.office) == (pb.STATE_TRIAGED, "")
    said = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=done.id), AIGUL).messages
    assert [(one.type, one.text) for one in said] == [("reopened", "Жауап келген жоқ")]
    with pytest.raises(NotFoundError):
        cases.get(done.id, MIA_OFFICER)


def test_an_objection_brings_a_person(cases: Client, routed: pb.Case) -> None:
    """Whatever the model was sure of; the timeline says so in words."""
    objected = wish(cases, routed, "ObjectToDecision")

    assert objected.state == pb.STATE_TRIAGED
    entry = cases.get(routed.id, AIGUL).timeline[-1]
    assert (entry.type, entry.reason_code) == ("objected", "CITIZEN_OBJECTED")
    assert entry.reason.kk


@pytest.mark.parametrize("verb", ["ReopenCase", "ObjectToDecision"])
def test_what_goes_to_a_person_is_seen_by_who_sorts(
    cases: Client, routed: pb.Case, verb: str
) -> None:
    """Unknown to triage officers while a model's choice held, then in their list."""
    with pytest.raises(NotFoundError):
        cases.get(routed.id, TRIAGE)
    if verb == "ReopenCase":
        cases.answer(routed, pb.RESPONSE_KIND_ACCEPT, "a1")
        cases.answer(routed, pb.RESPONSE_KIND_COMPLETE, "a2")

    wish(cases, routed, verb)

    listed = cases.call("ListCases", pb.ListCasesRequest(), TRIAGE).cases
    assert [case.id for case in listed] == [routed.id]


def test_a_person_decides_after_an_objection(cases: Client, routed: pb.Case) -> None:
    """Also for the same office, which did not return it."""
    objected = wish(cases, routed, "ObjectToDecision")

    result = cases.decide(objected, "d2", actor=pb.ACTOR_KIND_TRIAGE_OFFICER)

    assert result.case.office == "MIA"
    with pytest.raises(ConflictError):
        wish(cases, routed, "ObjectToDecision", request_id="w2")


def test_the_newest_opinion_holds(cases: Client, done: pb.Case) -> None:
    """Both stand in the timeline; the case shows the last."""
    wish(cases, done, "RateCase", stars=2)

    rated = wish(cases, done, "RateCase", stars=5, request_id="w2")

    assert (rated.rating.stars, rated.state) == (5, pb.STATE_COMPLETED)
    assert cases.get(done.id, AIGUL).rating.stars == 5


def test_an_opinion_without_stars_is_refused(cases: Client, done: pb.Case) -> None:
    """The citizen learns what to change."""
    with pytest.raises(InvalidError) as refusal:
        wish(cases, done, "RateCase", stars=0)

    assert refusal.value.field == "stars"


@pytest.mark.parametrize("verb", ["ReopenCase", "RateCase"])
def test_what_is_not_done_is_neither_rated_nor_reopened(
    cases: Client, routed: pb.Case, verb: str
) -> None:
    """The state does not allow it."""
    with pytest.raises(ConflictError):
        wish(cases, routed, verb, **WISHES[verb])


@pytest.mark.parametrize("verb", WISHES)
def test_a_repeated_wish_is_one(cases: Client, done: pb.Case, verb: str) -> None:
    """The same name changes nothing more, and finds the case as it is."""
    case = cases.decide(cases.submit("k2", principal=AIGUL)).case if "Object" in verb else done

    first = wish(cases, case, verb, **WISHES[verb])

    assert wish(cases, case, verb, expected_version=case.version, **WISHES[verb]) == first


@pytest.mark.parametrize("verb", WISHES)
def test_a_wish_is_for_one_s_own_case(cases: Client, done: pb.Case, verb: str) -> None:
    """To another citizen there is no such case, and an officer has none."""
    for who, error in ((BERIK, NotFoundError), (MIA_OFFICER, ForbiddenError)):
        with pytest.raises(error):
            wish(cases, done, verb, who, **WISHES[verb])

"""A name stands for one request: with another outcome, reason or choice it is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import Case, Moved
from services.cases.ports import Change, Status
from services.chassis.errors import IdempotencyKeyReusedError
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import SERVICE, Client

ADMINISTRATOR = Principal("admin", Role.ADMINISTRATOR)
AIGUL = Principal("aigul", Role.CITIZEN)
MIA_OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
COMPLETE, RETURN, ASK = pb.RESPONSE_KIND_COMPLETE, pb.RESPONSE_KIND_RETURN, pb.RESPONSE_KIND_ASK
ASKED = {"reason_code": "DETAILS_NEEDED", "text": "Қай жылы?"}
RETURNED = {"reason_code": "NOT_COMPETENT", "suggested_service_id": "housing.queue"}
CHOICE = "confirm identity.passport"


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Give a case of Aigul's that MIA accepted."""
    case = cases.submit(principal=AIGUL)
    cases.decide(case)
    return cases.answer(case, pb.RESPONSE_KIND_ACCEPT)


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (COMPLETE, {"reason_code": "GRANTED"}, {"reason_code": "REFUSED"}),
        (RETURN, RETURNED, RETURNED | {"reason_code": "DUPLICATE"}),
        (RETURN, RETURNED, RETURNED | {"suggested_service_id": "social.pension"}),
        (RETURN, RETURNED, RETURNED | {"suggested_office": "akimat-75"}),
        (ASK, ASKED, ASKED | {"reason_code": "DOCUMENT_MISSING"}),
    ],
)
def test_an_office_cannot_say_something_else_by_the_same_name(
    cases: Client, case: pb.Case, kind: int, first: Mapping[str, str], second: Mapping[str, str]
) -> None:
    """The first answer stands, its repetition gets it, another is not dropped in silence."""
    after = cases.answer(case, kind, "k", **first)

    assert cases.answer(case, kind, "k", **first) == after
    with pytest.raises(IdempotencyKeyReusedError):
        cases.answer(case, kind, "k", **second)
    assert cases.get(case.id, ADMINISTRATOR).version == after.version


def test_a_split_cannot_be_meant_for_elsewhere_by_the_same_name(
    cases: Client, case: pb.Case
) -> None:
    """Though its words are the same."""
    split(cases, case, "housing.queue")

    split(cases, case, "housing.queue")
    with pytest.raises(IdempotencyKeyReusedError):
        split(cases, case, "social.pension")


def test_an_opinion_cannot_be_another_by_the_same_name(cases: Client, case: pb.Case) -> None:
    """Who thinks better of it says so anew."""
    cases.answer(case, COMPLETE, "k", reason_code="GRANTED")
    rate(cases, case, 5)

    rate(cases, case, 5)
    with pytest.raises(IdempotencyKeyReusedError):
        rate(cases, case, 1)


def test_a_person_cannot_choose_something_else_by_the_same_name(cases: Client) -> None:
    """Whatever was decided of it: the choice counts."""
    case = cases.submit()
    chosen(cases, case, CHOICE)

    assert chosen(cases, case, CHOICE) == pb.RECORD_STATUS_REPEATED
    assert chosen(cases, case, "confirm social.pension") == pb.RECORD_STATUS_NAME_REUSED


def test_a_model_may_think_again_by_the_same_name(cases: Client) -> None:
    """A record that is read twice is decided once, also where the model was replaced between."""
    case = cases.submit()
    cases.decide(case)

    assert cases.decide(case, service_id="housing.queue").status == pb.RECORD_STATUS_REPEATED


def test_what_stands_since_before_terms_were_kept_is_repeated(cabinet: Cabinet) -> None:
    """Nobody knows what it said, so that a repetition over an upgrade is not refused."""
    case = cabinet.add()
    cabinet.decide(case, "k")
    change = Change(case.id, 0, "k", unmoved, terms=("confirm identity.passport", ""))

    assert cabinet.store.apply([change])[0].status is Status.REPEATED


def unmoved(case: Case) -> Moved:
    raise AssertionError(case.id)


def split(cases: Client, case: pb.Case, meant: str) -> None:
    request = pb.SplitCaseRequest(
        case_id=case.id, office="MIA", text="Бөлігі", suggested_service_id=meant, request_id="k"
    )
    cases.call("SplitCase", request, MIA_OFFICER)


def rate(cases: Client, case: pb.Case, stars: int) -> None:
    request = pb.RateCaseRequest(case_id=case.id, stars=stars, request_id="k")
    cases.call("RateCase", request, AIGUL)


def chosen(cases: Client, case: pb.Case, choice: str) -> Any:
    decision = pb.Decision(outcome=pb.OUTCOME_TRIAGE, actor=pb.ACTOR_KIND_CITIZEN)
    wanted = pb.CaseDecision(case_id=case.id, request_id="k", decision=decision, choice=choice)
    request = pb.RecordDecisionsRequest(decisions=[wanted])
    return cases.call("RecordDecisions", request, SERVICE).results[0].status

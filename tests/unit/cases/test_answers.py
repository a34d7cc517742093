"""An office that says the same again is told what it was told, wherever the case went since."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import domain
from services.cases.domain import Answer, Case, State
from services.cases.ports import Change, Result, Status
from services.cases.store import tables
from services.chassis.errors import IdempotencyKeyReusedError, NotFoundError
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import Client

ACCEPT, COMPLETE = pb.RESPONSE_KIND_ACCEPT, pb.RESPONSE_KIND_COMPLETE
ASK, RETURN = pb.RESPONSE_KIND_ASK, pb.RESPONSE_KIND_RETURN
AIGUL = Principal("aigul", Role.CITIZEN)
Leave = Callable[[Client, pb.Case], object]


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Give a case of Aigul's that a model sent to MIA."""
    return cases.decide(cases.submit(principal=AIGUL)).case


def give_back(cases: Client, case: pb.Case) -> None:
    """Return the case; another office gets it and works on it."""
    cases.answer(case, RETURN, "r", reason_code="NOT_COMPETENT")
    cases.decide(cases.get(case.id, AIGUL), "d2", office="MJ", service_id="civil.marriage")
    cases.answer(case, ACCEPT, "other", office="MJ")


def object_to(cases: Client, case: pb.Case) -> None:
    """Let the citizen take the case away from a model's office."""
    cases.call(
        "ObjectToDecision", pb.ObjectToDecisionRequest(case_id=case.id, request_id="o"), AIGUL
    )


def reopen(cases: Client, case: pb.Case) -> None:
    """Let the citizen take back what is called done."""
    cases.answer(case, COMPLETE, "done", reason_code="GRANTED")
    cases.call("ReopenCase", pb.ReopenCaseRequest(case_id=case.id, request_id="o"), AIGUL)


def test_who_returned_a_case_is_told_no_more_of_it(cases: Client, case: pb.Case) -> None:
    """Neither to which office it went, nor what was decided, nor how it stands there."""
    first = cases.answer(case, RETURN, "r", reason_code="NOT_COMPETENT")
    cases.decide(first, "d2", office="MJ", service_id="civil.marriage")
    cases.answer(case, ACCEPT, "other", office="MJ")

    again = cases.answer(case, RETURN, "r", reason_code="NOT_COMPETENT")

    assert again == first
    assert (again.state, again.office, again.service_id) == (pb.STATE_RETURNED, "", "")


@pytest.mark.parametrize("leave", [give_back, object_to, reopen])
def test_an_office_gets_its_lost_answer_though_the_case_left(
    cases: Client, case: pb.Case, leave: Leave
) -> None:
    """Whoever took the case away: it repeats what it said, and gets the first answer."""
    first = cases.answer(case, ACCEPT, "a")
    leave(cases, case)

    assert cases.answer(case, ACCEPT, "a") == first


def test_a_lost_answer_to_what_was_reopened_is_told(cases: Client, case: pb.Case) -> None:
    """The office learns that what it called done stood as done."""
    cases.answer(case, ACCEPT, "a")
    first = cases.answer(case, COMPLETE, "c", reason_code="GRANTED")
    cases.call("ReopenCase", pb.ReopenCaseRequest(case_id=case.id, request_id="o"), AIGUL)

    assert cases.answer(case, COMPLETE, "c", reason_code="GRANTED") == first


def test_an_office_that_still_holds_a_case_gets_the_first_answer_too(
    cases: Client, case: pb.Case
) -> None:
    """It reads the case for how it stands now."""
    first = cases.answer(case, ACCEPT, "a")
    cases.answer(case, ASK, "q", reason_code="DETAILS_NEEDED", text="Қай жылы?")

    assert cases.answer(case, ACCEPT, "a") == first


@pytest.mark.parametrize("leave", [give_back, object_to, reopen])
def test_an_office_that_lost_a_case_says_nothing_new(
    cases: Client, case: pb.Case, leave: Leave
) -> None:
    """By another name there is no such case; by the same with another code there is a conflict."""
    cases.answer(case, ACCEPT, "a")
    leave(cases, case)

    with pytest.raises(NotFoundError):
        cases.answer(case, ACCEPT, "a2")
    with pytest.raises(NotFoundError):
        cases.answer(case, RETURN, "a", reason_code="NOT_COMPETENT")
    with pytest.raises(IdempotencyKeyReusedError):
        cases.answer(case, ACCEPT, "a", reason_code="OTHER")


def test_another_office_repeats_nobody(cases: Client, case: pb.Case) -> None:
    """Who knows the name of another's answer is told that there is no such case."""
    cases.answer(case, ACCEPT, "a")

    with pytest.raises(NotFoundError):
        cases.answer(case, ACCEPT, "a", office="MJ")


def test_what_was_answered_before_answers_were_kept_is_told_by_its_step(cabinet: Cabinet) -> None:
    """Over an upgrade: its state and version, and nothing that was decided since."""
    case = cabinet.add()
    cabinet.decide(case)
    first = give_it_back(cabinet, case).case
    forget = sa.delete(tables.answers)
    cabinet.database.change(lambda connection: connection.execute(forget) and None)
    cabinet.decide(case, "d2")

    again = give_it_back(cabinet, case)

    assert first is not None
    assert again.status is Status.REPEATED
    assert again.case is not None
    assert (again.case.state, again.case.version) == (State.RETURNED, first.version)
    assert (again.case.office, again.case.service_id, again.case.decision) == ("", "", None)


def give_it_back(cabinet: Cabinet, case: Case) -> Result:
    change = Change(
        case.id,
        0,
        "r",
        lambda current: domain.answer(
            current,
            Answer.RETURN,
            office="MIA",
            reason_code="NOT_COMPETENT",
            request_id="r",
            now=cabinet.clock(),
        ),
        keeps_answer=True,
    )
    return cabinet.store.apply([change])[0]

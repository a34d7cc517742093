"""The door on threads: offices answer through the real cases service, and read pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb
from services.cases import app as cases_app
from services.chassis import testing
from services.chassis.application import Platform, utc_now
from services.chassis.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from services.chassis.principal import Principal, Role
from tests.unit.delivery.conftest import AKIMAT, MIA, Offices
from tests.unit.delivery.stories import message

Eventually = Callable[[Callable[[], object]], None]
SERVICE = Principal("service:test", Role.SERVICE)


@dataclass
class Cases:
    """Brings cases to offices as citizens and routing do."""

    platform: Platform
    stub: cases_pb2_grpc.CasesServiceStub

    def route(self, key: str = "k1") -> cases_pb2.Case:
        """Submit a case and route it to MIA."""
        submit = cases_pb2.SubmitCaseRequest(request_id=key, text="Паспорт жоғалттым")
        case = testing.caller(self.platform).call(self.stub.SubmitCase, submit).case
        decision = cases_pb2.Decision(
            outcome=cases_pb2.OUTCOME_ROUTE,
            actor=cases_pb2.ACTOR_KIND_MODEL,
            service_id="identity.passport",
            office="MIA",
            channel=catalog_pb2.CHANNEL_ONLINE,
        )
        wanted = cases_pb2.CaseDecision(
            case_id=case.id, expected_version=1, request_id="d1", decision=decision
        )
        request = cases_pb2.RecordDecisionsRequest(decisions=[wanted])
        recorded = testing.caller(self.platform, SERVICE).call(self.stub.RecordDecisions, request)
        return recorded.results[0].case

    def said(self, case: cases_pb2.Case) -> list[str]:
        """Return what its citizen reads that was said since."""
        request = cases_pb2.GetCaseTextRequest(case_id=case.id)
        told = testing.caller(self.platform).call(self.stub.GetCaseText, request)
        return [one.text for one in told.messages]


@pytest.fixture
def cases(platform: Platform) -> Iterator[Cases]:
    """Run the real cases service; ask for it before `offices`, which calls it."""
    with (
        testing.running(platform, cases_app.build(platform)) as built,
        testing.channel_to(built.addresses["cases"]) as channel,
    ):
        yield Cases(platform, cases_pb2_grpc.CasesServiceStub(channel))


def accepting(case: cases_pb2.Case, **more: Any) -> pb.AcceptCaseRequest:
    values: dict[str, Any] = {"office": "MIA", "request_id": "r1", "expected_version": 0}
    return pb.AcceptCaseRequest(case_id=case.id, **(values | more))


def returning(case: cases_pb2.Case, reason: str = "NOT_COMPETENT") -> pb.ReturnCaseRequest:
    return pb.ReturnCaseRequest(case_id=case.id, office="MIA", request_id="r2", reason_code=reason)


def completing(case: cases_pb2.Case, **more: str) -> pb.CompleteCaseRequest:
    values = {"outcome_code": "GRANTED"} | more
    return pb.CompleteCaseRequest(case_id=case.id, office="MIA", request_id="r3", **values)


def test_an_office_accepts_and_completes(cases: Cases, offices: Offices) -> None:
    """Each answer gives the case as it is after it."""
    case = cases.route()

    accepted = offices.call("AcceptCase", accepting(case)).case
    completed = offices.call("CompleteCase", completing(case)).case

    assert accepted.state == cases_pb2.STATE_ACCEPTED
    assert completed.state == cases_pb2.STATE_COMPLETED


def test_why_it_was_refused_travels_no_further_than_cases(
    cases: Cases, offices: Offices, eventually: Eventually
) -> None:
    """The feed tells the code of the end; the words of the office lie with the citizen's."""
    case = cases.route()
    offices.call("AcceptCase", accepting(case))

    offices.call("CompleteCase", completing(case, outcome_code="REFUSED", text="Мерзімі өткен."))

    eventually(lambda: len(offices.feed()) == 3)
    told = offices.feed()[-1].event
    assert (told.state, told.reason_code) == (cases_pb2.STATE_COMPLETED, "REFUSED")
    assert "Мерзімі" not in str(told)
    assert cases.said(case) == ["Мерзімі өткен."]


def asking(case: cases_pb2.Case, code: str = "DOCUMENT_MISSING") -> pb.AskCitizenRequest:
    return pb.AskCitizenRequest(
        case_id=case.id, office="MIA", request_id="r4", question_code=code, text="Қай құжат?"
    )


def test_a_question_waits_for_the_citizen(
    cases: Cases, offices: Offices, eventually: Eventually
) -> None:
    """The feed tells of it by its code; its words travel no further than cases."""
    asked = offices.call("AskCitizen", asking(cases.route())).case

    eventually(lambda: len(offices.feed()) == 2)
    told = offices.feed()[-1].event
    assert asked.state == told.state == cases_pb2.STATE_INFORMATION_REQUESTED
    assert told.reason_code == "DOCUMENT_MISSING"
    assert "Қай құжат" not in str(told)


def test_a_question_without_a_code_is_refused(cases: Cases, offices: Offices) -> None:
    """The office is told which field to change."""
    with pytest.raises(InvalidError) as refusal:
        offices.call("AskCitizen", asking(cases.route(), ""))

    assert refusal.value.field == "question_code"


def test_an_answer_repeated_is_one_answer(cases: Cases, offices: Offices) -> None:
    """The same request id changes nothing more."""
    case = cases.route()

    first = offices.call("AcceptCase", accepting(case)).case
    again = offices.call("AcceptCase", accepting(case)).case

    assert first.version == again.version


def test_an_answer_to_an_old_version_is_refused(cases: Cases, offices: Offices) -> None:
    """What cases says of a conflict reaches the office with its reason."""
    with pytest.raises(ConflictError) as refusal:
        offices.call("AcceptCase", accepting(cases.route(), expected_version=1))

    assert refusal.value.reason == "VERSION_CONFLICT"


def test_a_returned_case_leaves_through_the_feed(
    cases: Cases, offices: Offices, eventually: Eventually
) -> None:
    """The office is sent the routing and the return, and no submission."""
    case = cases.route()

    offices.call("ReturnCase", returning(case))

    eventually(lambda: len(offices.feed()) == 2)
    types = [event.type for event in offices.feed()]
    assert types == ["kz.qyzmet.case.routed.v1", "kz.qyzmet.case.returned.v1"]


def test_a_return_without_a_known_reason_is_refused(cases: Cases, offices: Offices) -> None:
    """The office is told which field to change."""
    with pytest.raises(InvalidError) as refusal:
        offices.call("ReturnCase", returning(cases.route(), "BECAUSE"))

    assert refusal.value.field == "reason_code"


def test_an_officer_answers_for_their_own_office_only(cases: Cases, offices: Offices) -> None:
    """In another office's name there is nothing to answer."""
    with pytest.raises(NotFoundError):
        offices.call("AcceptCase", accepting(cases.route()), AKIMAT)


def test_only_officers_answer(offices: Offices) -> None:
    """A citizen is refused at the door."""
    with pytest.raises(ForbiddenError):
        offices.call(
            "AcceptCase", accepting(cases_pb2.Case(id="c1")), Principal("citizen", Role.CITIZEN)
        )


def test_a_page_has_the_size_asked_for(offices: Offices, eventually: Eventually) -> None:
    """Pages follow each other by the last sequence."""
    offices.tell(*(message(f"c{n}", 1) for n in range(5)))
    eventually(lambda: len(offices.feed()) == 5)

    assert [event.sequence for event in offices.feed(after=1, size=3)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"page_size": 501}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"after_sequence": -1}, "after_sequence"),
        ({"after_sequence": 1}, "after_sequence"),
    ],
)
def test_a_page_beyond_the_limits_is_refused(
    offices: Offices, values: dict[str, int], field: str
) -> None:
    """The caller is told which field to change."""
    with pytest.raises(InvalidError) as refusal:
        offices.call("ListFeedEvents", pb.ListFeedEventsRequest(office="MIA", **values), MIA)

    assert refusal.value.field == field


class LateClock:
    """Shows a time far ahead once it is told to."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture
def clock(platform: Platform) -> LateClock:
    """Move the clock of the whole platform; ask for it before everything else."""
    made = LateClock()
    platform.clock = made
    return made


def test_a_case_that_waits_too_long_is_overdue_for_everybody(
    clock: LateClock, cases: Cases, offices: Offices, eventually: Eventually
) -> None:
    """The clock rings by itself: in the record, in the office's feed, on the topic of alarms."""
    case = cases.route()
    eventually(lambda: len(offices.feed()) == 1)

    clock.ahead = timedelta(days=90)

    eventually(lambda: "kz.qyzmet.case.overdue.v1" in {one.type for one in offices.feed()})
    eventually(lambda: len(list(cases.platform.bus.history("qyzmet.alarms.v1"))) >= 2)
    told = [one.event for one in offices.feed() if one.type.endswith("overdue.v1")]
    assert {one.case_id for one in told} == {case.id}
    assert told[0].escalation.level >= 1
    analyst = Principal("analyst", Role.ANALYST)
    (counts,) = offices.call("ListAlarmCounts", pb.ListAlarmCountsRequest(), analyst).counts
    assert (counts.office, counts.unacknowledged_count) == ("MIA", 1)
    request = pb.BatchGetAlarmsRequest(case_ids=[case.id])
    rang = {one.clock for one in offices.call("BatchGetAlarms", request).alarms}
    assert "acknowledgement" in rang
    assert not offices.call("BatchGetAlarms", request, AKIMAT).alarms

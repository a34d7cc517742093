"""What was not done in time, as delivery's clocks bring it: an event of the case, once."""

from dataclasses import replace
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import domain
from services.cases.domain import Clock, NotPossibleNowError, State
from services.cases.domain.terms import RUNS_IN
from services.chassis import codec
from services.chassis.errors import ForbiddenError, InvalidError
from services.chassis.principal import Principal, Role
from tests.unit.cases.conftest import SERVICE, Client
from tests.unit.cases.test_domain import HELD, LATER

OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Give a case that MIA was sent."""
    return cases.decide(cases.submit()).case


def late(case_id: str, **more: Any) -> pb.OverdueCase:
    values = {"request_id": "o1", "clock": pb.CLOCK_TERM, "level": 1, "office": "MIA"} | more
    return pb.OverdueCase(case_id=case_id, **values)


def tell(cases: Client, *late: pb.OverdueCase, principal: Principal = SERVICE) -> list[int]:
    request = pb.RecordOverdueRequest(cases=late)
    return [one.status for one in cases.call("RecordOverdue", request, principal).results]


def test_lateness_is_a_step_of_the_case(cases: Client, case: pb.Case) -> None:
    """By the system, with its reason in words; the case stays where it is, and as due as before."""
    assert tell(cases, late(case.id)) == [pb.RECORD_STATUS_RECORDED]

    after = cases.get(case.id)
    entry = after.timeline[-1]
    assert (entry.type, entry.actor, entry.reason_code) == (
        "overdue",
        pb.ACTOR_KIND_SYSTEM,
        "TERM_OVERDUE",
    )
    assert entry.reason.kk
    assert (after.state, after.due_time) == (case.state, case.due_time)


def test_lateness_is_told_with_its_level(cases: Client, case: pb.Case, eventually: Any) -> None:
    """Whoever escalates reads it from the event."""
    tell(cases, late(case.id, level=2))

    def told() -> list[int]:
        found = [codec.from_record(one) for one in cases.platform.bus.history("qyzmet.cases.v1")]
        events = [codec.decode(data, pb.CaseEvent) for _, data in found]
        return [event.escalation.level for event in events]

    eventually(lambda: told() == [0, 0, 2])


def test_lateness_is_told_once(cases: Client, case: pb.Case) -> None:
    """Who asks again is told that it stands."""
    tell(cases, late(case.id))

    assert tell(cases, late(case.id)) == [pb.RECORD_STATUS_REPEATED]
    assert len(cases.get(case.id).timeline) == 3


def test_each_stands_or_falls_by_itself(cases: Client, case: pb.Case) -> None:
    """One that moved on does not hold up the others."""
    withdrawn = cases.submit("k2")
    cases.call("WithdrawCase", pb.WithdrawCaseRequest(case_id=withdrawn.id, request_id="w"))

    statuses = tell(cases, late(withdrawn.id), late("unknown"), late(case.id))

    assert statuses == [
        pb.RECORD_STATUS_STATE_CONFLICT,
        pb.RECORD_STATUS_NOT_FOUND,
        pb.RECORD_STATUS_RECORDED,
    ]


@pytest.mark.parametrize("more", [{"level": 0}, {"clock": 0}, {"request_id": ""}])
def test_what_is_not_valid_is_refused(cases: Client, case: pb.Case, more: dict[str, Any]) -> None:
    """Nothing is recorded."""
    with pytest.raises(InvalidError):
        tell(cases, late(case.id, **more))

    assert len(cases.get(case.id).timeline) == 2


def test_only_clocks_tell_lateness(cases: Client, case: pb.Case) -> None:
    """No person does."""
    with pytest.raises(ForbiddenError):
        tell(cases, late(case.id), principal=OFFICER)


@pytest.mark.parametrize("clock", Clock)
@pytest.mark.parametrize("state", State)
def test_a_clock_says_nothing_where_it_does_not_run(clock: Clock, state: State) -> None:
    """A case that moved on while the word was on its way is not late."""
    case = replace(HELD, state=state)

    def overdue() -> domain.Moved:
        return domain.overdue(case, clock, 1, office="MIA", request_id="r", now=LATER)

    if state in RUNS_IN[clock]:
        assert overdue()[0].state is state
    else:
        with pytest.raises(NotPossibleNowError):
            overdue()


def test_another_office_is_not_late() -> None:
    """A clock of the office before says nothing of the next."""
    with pytest.raises(NotPossibleNowError):
        domain.overdue(HELD, Clock.TERM, 1, office="MJ", request_id="r", now=LATER)

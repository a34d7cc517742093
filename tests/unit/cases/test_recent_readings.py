"""Who else is at a case: told to officers by the record of readings, and to nobody else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import handlers
from services.cases.domain import Actor, Happening, Reading, State, Step
from services.cases.ports import Decided, ReadingFilter
from services.chassis.principal import Principal, Role
from tests.unit.cases.conftest import Client

AIGUL = Principal("aigul", Role.CITIZEN)
DANA = Principal("dana", Role.OFFICER, offices=frozenset({"MIA"}))
ERLAN = replace(DANA, subject="erlan")
NOW = datetime(2026, 1, 18, 9, 30, tzinfo=UTC)


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Let the ministry hold a case of Aigul's."""
    held: pb.Case = cases.decide(cases.submit(principal=AIGUL)).case
    return held


def of_mj(subject: str) -> Principal:
    return Principal(subject, Role.OFFICER, offices=frozenset({"MJ"}))


def others(cases: Client, case: pb.Case, who: Principal) -> list[tuple[str, str]]:
    read = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), who)
    return [(one.subject, one.role) for one in read.recent_readings]


def test_an_officer_learns_who_else_opened_the_case(cases: Client, case: pb.Case) -> None:
    """Each colleague once, and never oneself."""
    assert others(cases, case, DANA) == []
    assert others(cases, case, ERLAN) == [("dana", "officer")]
    assert others(cases, case, ERLAN) == [("dana", "officer")]
    assert others(cases, case, DANA) == [("erlan", "officer")]


def test_a_citizen_learns_of_nobody(cases: Client, case: pb.Case) -> None:
    """Who works on a case is the office's affair; and a citizen who reads is no colleague."""
    others(cases, case, DANA)

    assert others(cases, case, AIGUL) == []
    assert others(cases, case, ERLAN) == [("dana", "officer")]


def test_an_office_does_not_learn_who_works_at_another(cases: Client, case: pb.Case) -> None:
    """After a return, those who read it there are not at it any more; colleagues here are told."""
    others(cases, case, DANA)
    reason = {"reason_code": "NOT_COMPETENT"}
    cases.answer(case, pb.RESPONSE_KIND_RETURN, **reason)
    cases.decide(cases.get(case.id, AIGUL), "d2", office="MJ", service_id="civil.marriage")

    assert others(cases, case, of_mj("sara")) == []
    assert others(cases, case, of_mj("timur")) == [("sara", "officer")]


def test_a_case_that_comes_back_begins_anew(cases: Client, case: pb.Case) -> None:
    """Who read it here before it went elsewhere is not at it now."""
    others(cases, case, DANA)
    wish = pb.ObjectToDecisionRequest(case_id=case.id, request_id="o")
    cases.call("ObjectToDecision", wish, AIGUL)
    cases.decide(cases.get(case.id, AIGUL), "d2")

    assert others(cases, case, ERLAN) == []


def test_what_happens_while_an_office_holds_a_case_hides_no_colleague(
    cases: Client, case: pb.Case
) -> None:
    """Also who read it before it was accepted may be at it."""
    others(cases, case, DANA)
    cases.answer(case, pb.RESPONSE_KIND_ACCEPT)

    assert others(cases, case, ERLAN) == [("dana", "officer")]


def test_it_is_of_this_case_only(cases: Client, case: pb.Case) -> None:
    """Whoever reads another is elsewhere."""
    other = cases.decide(cases.submit("k2", principal=AIGUL)).case
    others(cases, other, DANA)

    assert others(cases, case, ERLAN) == []


class Held:
    """The history of a case that an office holds since yesterday."""

    def steps(self, case_id: str) -> list[Step]:
        return [
            Step(
                case_version=2,
                type=Happening.ROUTED,
                event_time=NOW - timedelta(days=1),
                state=State.ROUTED,
                actor=Actor.MODEL,
                office="MIA",
            )
        ]

    def decided(self, after: tuple[str, int], limit: int) -> list[Decided]:
        return []

    def record_access(self, case_ids: Sequence[str], principal: Principal) -> None:
        raise AssertionError(case_ids)


HELD = Held()


class Record:
    """A record of readings as it was written."""

    def __init__(self, *readings: Reading) -> None:
        self._readings = readings

    def readings(self, wanted: ReadingFilter) -> list[Reading]:
        return list(self._readings)[: wanted.limit]


@pytest.mark.parametrize(("minutes", "is_told"), [(0, True), (14, True), (15, False), (60, False)])
def test_it_is_forgotten_after_a_quarter_of_an_hour(minutes: int, is_told: bool) -> None:
    """Who opened a case in the morning is not at it in the evening."""
    time = NOW - timedelta(minutes=minutes)
    reading = Reading(id="r", case_id="c", subject="erlan", role="officer", access_time=time)

    told = handlers.recent_readings(
        DANA, "c", readings=Record(reading), history=HELD, now=lambda: NOW
    )

    assert bool(told) == is_told


def test_the_newest_opening_is_told() -> None:
    """Not the first one."""
    readings = [
        Reading(
            id=str(n),
            case_id="c",
            subject="erlan",
            role="officer",
            access_time=NOW - timedelta(minutes=n),
        )
        for n in (1, 5)
    ]

    told = handlers.recent_readings(
        DANA, "c", readings=Record(*readings), history=HELD, now=lambda: NOW
    )

    assert [one.id for one in told] == ["1"]

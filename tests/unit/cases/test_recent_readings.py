"""Who else is at a case: told to officers by the record of readings, and to nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import handlers
from services.cases.domain import Reading
from services.cases.ports import ReadingFilter
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


def test_it_is_of_this_case_only(cases: Client, case: pb.Case) -> None:
    """Whoever reads another is elsewhere."""
    other = cases.decide(cases.submit("k2", principal=AIGUL)).case
    others(cases, other, DANA)

    assert others(cases, case, ERLAN) == []


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

    told = handlers.recent_readings(DANA, "c", readings=Record(reading), now=lambda: NOW)

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

    told = handlers.recent_readings(DANA, "c", readings=Record(*readings), now=lambda: NOW)

    assert [one.id for one in told] == ["1"]

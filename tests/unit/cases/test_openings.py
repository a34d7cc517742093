"""Who has a case open: told to colleagues at the same desk, forgotten by itself, taken over."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.handlers.openings import OPEN
from services.cases.ports import Look
from services.cases.store import tables
from services.cases.store.openings import SqlOpenings
from services.chassis.errors import ForbiddenError, NotFoundError
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import Client

AIGUL = Principal("aigul", Role.CITIZEN)
DANA = Principal("dana", Role.OFFICER, offices=frozenset({"MIA"}))
ERLAN = replace(DANA, subject="erlan")
SAULE = Principal("saule", Role.TRIAGE_OFFICER)
NOW = datetime(2026, 1, 18, 9, 30, tzinfo=UTC)
DANAS = Look("c", "MIA", "dana", NOW)
ERLANS = replace(DANAS, subject="erlan")


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Let the ministry hold a case of Aigul's."""
    held: pb.Case = cases.decide(cases.submit(principal=AIGUL)).case
    return held


def opened(cases: Client, case: pb.Case, who: Principal, *, take_over: bool = False) -> pb.Opening:
    request = pb.OpenCaseRequest(case_id=case.id, take_over=take_over)
    found: pb.Opening = cases.call("OpenCase", request, who).opening
    return found


def test_whoever_comes_first_has_the_case_open(cases: Client, case: pb.Case) -> None:
    """Whoever comes second is told of them, and does not become the first by it."""
    first = opened(cases, case, DANA)
    second = opened(cases, case, ERLAN)
    again = opened(cases, case, DANA)

    assert (first.subject, first.is_own) == ("dana", True)
    assert (second.subject, second.is_own, second.open_time) == ("dana", False, first.open_time)
    assert (again.is_own, again.open_time) == (True, first.open_time)


def test_a_case_is_taken_over(cases: Client, case: pb.Case) -> None:
    """Whoever had it open is told who took it from them."""
    opened(cases, case, DANA)

    assert opened(cases, case, ERLAN, take_over=True).is_own
    told = opened(cases, case, DANA)
    assert (told.subject, told.taken_from, told.is_own) == ("erlan", "dana", False)


def test_each_desk_has_its_own(cases: Client, case: pb.Case) -> None:
    """Who sorted a case is no colleague of the office that has it now."""
    request = pb.OpenCaseRequest(case_id=case.id)
    waiting = cases.submit("k2", principal=AIGUL)
    assert opened(cases, waiting, SAULE).is_own
    cases.decide(waiting, "d2")

    assert opened(cases, waiting, DANA).is_own
    with pytest.raises(ForbiddenError):
        cases.call("OpenCase", request, AIGUL)


def test_a_case_of_others_is_not_opened(cases: Client, case: pb.Case) -> None:
    """To whoever may not see it, it does not exist."""
    stranger = replace(DANA, offices=frozenset({"MH"}))

    with pytest.raises(NotFoundError):
        opened(cases, case, stranger)


def test_two_who_come_at_once_are_not_both_the_first(cabinet: Cabinet) -> None:
    """All are told the same one."""
    openings = SqlOpenings(cabinet.database)
    looks = [replace(DANAS, subject=f"officer-{n}") for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda look: openings.open(look, NOW - OPEN).subject, looks))

    assert len({*told}) == 1


@pytest.mark.parametrize(
    ("minutes", "who"), [(0, "dana"), (14, "dana"), (15, "erlan"), (600, "erlan")]
)
def test_it_ends_a_quarter_of_an_hour_after_the_last_look(
    cabinet: Cabinet, minutes: int, who: str
) -> None:
    """Who opened a case in the morning is not at it in the evening."""
    openings = SqlOpenings(cabinet.database)
    openings.open(DANAS, NOW - OPEN)
    later = NOW + timedelta(minutes=minutes)

    assert openings.open(replace(ERLANS, time=later), later - OPEN).subject == who


def test_looking_again_keeps_it_open(cabinet: Cabinet) -> None:
    """It is the last look that counts, and it is told since when they have it."""
    openings = SqlOpenings(cabinet.database)
    openings.open(DANAS, NOW - OPEN)
    at = [NOW + timedelta(minutes=n) for n in (10, 20)]
    openings.open(replace(DANAS, time=at[0]), at[0] - OPEN)

    told = openings.open(replace(ERLANS, time=at[1]), at[1] - OPEN)

    assert (told.subject, told.open_time, told.seen_time) == ("dana", NOW, at[0])


def test_what_is_forgotten_is_not_kept(cabinet: Cabinet) -> None:
    """Who worked when on what is nobody's to look up later."""
    openings = SqlOpenings(cabinet.database)
    openings.open(DANAS, NOW - OPEN)
    later = NOW + OPEN

    openings.open(replace(ERLANS, case_id="another", time=later), later - OPEN)

    with cabinet.database.read() as connection:
        assert [row.case_id for row in connection.execute(sa.select(tables.openings))] == [
            "another"
        ]

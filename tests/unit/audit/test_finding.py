"""Decisions that are looked for: by days and by what they say, newest first, page by page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2
from services.audit.domain import CaseEvent
from services.audit.domain.finding import Finding
from services.audit.handlers.finding import Wanted, find_decisions
from services.audit.store import SqlLedger
from services.audit.store.analyst import RebuildingError, SqlAnalyst
from services.audit.store.finding import SqlFound
from services.chassis.errors import ForbiddenError, InvalidError
from services.chassis.principal import Principal, Role
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import NOON, decision, event, message

TOLD = b'{"id":"d","probability":0.93,"alternatives":[{"service_id":"x"}]}'
SERVICES = ("identity.passport", "housing.queue")
LANGUAGES = ("kk", "ru")
OUTCOMES = ("route", "confirm", "triage")
MODELS = ("5f5f", "5f00", "")


def decided(number: int, **more: Any) -> CaseEvent:
    """Return the event of a decision, each an hour after the one before."""
    values: dict[str, Any] = {
        "told": TOLD,
        "decide_time": NOON + timedelta(hours=number),
        "service_id": SERVICES[number % 2],
        "outcome": OUTCOMES[number % 3],
        "model": MODELS[number % 3],
    }
    taken = decision(f"d{number:02}", **(values | more))
    return event(f"c{number:02}", 1, decision=taken, language=LANGUAGES[number // 2 % 2])


@pytest.fixture
def found(ledger: SqlLedger, analyst: SqlAnalyst) -> SqlFound:
    """Let twelve decisions be taken from noon to one hour before midnight, UTC."""
    events = [decided(number) for number in range(12)]
    ledger.record(events)
    analyst.record(events)
    return SqlFound(ledger.database)


def find(found: SqlFound, **wanted: Any) -> Finding:
    return find_decisions(Wanted(**wanted), found=found, now=lambda: NOON + timedelta(days=3))


def numbers(finding: Finding) -> list[int]:
    return [int(one.decision_id[1:]) for one in finding.decisions]


def test_the_newest_come_first(found: SqlFound) -> None:
    """With what a row of a table says of each."""
    newest, *others = find(found).decisions

    assert [one.decision_id for one in others] == [f"d{n:02}" for n in range(10, -1, -1)]
    assert (newest.case_id, newest.case_version, newest.office) == ("c11", 1, "MIA")
    assert (newest.outcome, newest.actor, newest.probability) == ("triage", "model", 0.93)
    assert (newest.language, newest.decide_time) == ("ru", NOON + timedelta(hours=11))


@pytest.mark.parametrize("size", [1, 5, 11, 12, 13])
def test_pages_of_any_size_hold_each_once(found: SqlFound, size: int) -> None:
    """Also where many were taken at one moment."""
    found_again, token, pages = [], "", 0
    while not pages or token:
        page = find(found, page_size=size, page_token=token)
        found_again += numbers(page)
        token, pages = page.next_page_token, pages + 1

    assert found_again == list(range(11, -1, -1))
    assert pages == -(-12 // size)


def test_a_moment_of_many_is_shown_whole(ledger: SqlLedger) -> None:
    """A batch is decided at once: pages go on within it."""
    ledger.record([decided(number, decide_time=NOON) for number in range(5)])
    found = SqlFound(ledger.database)

    first = find(found, page_size=3)
    second = find(found, page_size=3, page_token=first.next_page_token)

    assert [*numbers(first), *numbers(second)] == [4, 3, 2, 1, 0]


def test_what_comes_meanwhile_moves_no_page(found: SqlFound, ledger: SqlLedger) -> None:
    """A new decision is on the first page only."""
    first = find(found, page_size=5)
    ledger.record([decided(12)])

    assert numbers(find(found, page_token=first.next_page_token)) == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"service_id": "housing.queue"}, [11, 9, 7, 5, 3, 1]),
        ({"outcome": "confirm"}, [10, 7, 4, 1]),
        ({"language": "kk"}, [9, 8, 5, 4, 1, 0]),
        ({"model": "5f5f"}, [9, 6, 3, 0]),
        ({"model": "5f"}, [10, 9, 7, 6, 4, 3, 1, 0]),
        ({"model": "%"}, []),
        ({"service_id": "housing.queue", "outcome": "confirm", "language": "kk"}, [1]),
        ({"service_id": "unknown"}, []),
    ],
)
def test_each_filter_leaves_what_fits(
    found: SqlFound, wanted: dict[str, str], expected: list[int]
) -> None:
    """Alone and together; a model by how its id begins."""
    assert numbers(find(found, **wanted)) == expected


@pytest.mark.parametrize(
    "wanted", [{"outcome": "confirm"}, {"language": "kk"}, {"model": "5f5f"}, {"outcome": "x"}]
)
@pytest.mark.parametrize("looked_through", [1, 3, 4, 12, 13])
def test_a_page_looks_through_so_many_and_goes_on(
    found: SqlFound, wanted: dict[str, str], looked_through: int
) -> None:
    """What fits is found once, on more pages than it would fill; none looks further."""
    bounded = replace(found, looked_through=looked_through)

    page = find(bounded, **wanted)
    pages = [page]
    while page.next_page_token:
        page = find(bounded, page_token=page.next_page_token, **wanted)
        pages.append(page)

    assert [one for page in pages for one in numbers(page)] == numbers(find(found, **wanted))
    assert len(pages) == 12 // looked_through + 1
    assert all(len(page.decisions) <= looked_through for page in pages)


def test_by_days_and_service_all_are_looked_through(found: SqlFound) -> None:
    """An index leads to them."""
    bounded = replace(found, looked_through=1)

    assert numbers(find(bounded, service_id="housing.queue")) == [11, 9, 7, 5, 3, 1]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-01", "2026-03-01", [6, 5, 4, 3, 2, 1, 0]),
        ("2026-03-02", "2026-03-02", [11, 10, 9, 8, 7]),
        ("2026-02-28", "2026-02-28", []),
    ],
)
def test_a_day_begins_at_midnight_in_kazakhstan(
    found: SqlFound, start: str, end: str, expected: list[int]
) -> None:
    """Which is five hours before it does in UTC."""
    assert numbers(find(found, start_date=start, end_date=end)) == expected


def test_the_usual_days_are_those_of_all_answers(found: SqlFound) -> None:
    """Ninety up to today; and a year at most."""
    told = find(found).period

    assert (told.start.isoformat(), told.end.isoformat()) == ("2025-12-05", "2026-03-04")
    with pytest.raises(InvalidError):
        find(found, start_date="2024-01-01", end_date="2026-01-01")


@pytest.mark.parametrize(
    ("field", "value"),
    [("page_token", "x"), ("page_token", "-1.2.c"), ("page_token", "1"), ("page_size", 1001)],
)
def test_what_is_no_page_is_refused(found: SqlFound, field: str, value: object) -> None:
    """By the name of its field."""
    with pytest.raises(InvalidError) as refusal:
        find(found, **{field: value})

    assert refusal.value.field == field


def test_a_case_without_facts_is_found_without_a_language(ledger: SqlLedger) -> None:
    """Its words were erased, or what analysts are told is being made anew."""
    ledger.record([decided(0)])

    (one,) = find(SqlFound(ledger.database)).decisions

    assert one.language == ""


def test_languages_that_are_made_anew_are_waited_for(found: SqlFound, analyst: SqlAnalyst) -> None:
    """Nobody is told that there was no decision in Kazakh; what asks for none goes on."""
    analyst.clear()

    with pytest.raises(RebuildingError):
        find(found, language="kk")

    assert len(find(found).decisions) == len(find(found, outcome="route").decisions) * 3 == 12


def test_decisions_are_found_by_calls(
    analysts: Analysts, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """By analysts alone; names become those of the contract."""
    analysts.tell(message("c1", 1))
    request = pb.FindDecisionsRequest(
        start_date="2026-03-01", end_date="2026-03-01", outcome=cases_pb2.OUTCOME_ROUTE
    )
    eventually(lambda: analysts.call("FindDecisions", request).decisions)

    told = analysts.call("FindDecisions", request)

    assert (told.start_date, told.end_date) == ("2026-03-01", "2026-03-01")
    (one,) = told.decisions
    assert (one.decision_id, one.outcome, one.probability) == (
        "c1:1",
        cases_pb2.OUTCOME_ROUTE,
        0.93,
    )
    assert one.decide_time.ToDatetime(UTC) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(ForbiddenError):
        analysts.call("FindDecisions", request, Principal("citizen", Role.CITIZEN))

"""What the record of cases keeps, and how it answers a repetition."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.cases import domain
from services.cases.domain import Case, Step, Words, is_receipt_number, receipt_number
from services.cases.ports import Change, Filter, Status
from services.cases.store import arrivals, tables
from services.cases.store.cases import new_id
from services.cases.store.statements import REMEMBERED
from services.chassis.config import Settings
from services.chassis.errors import IdempotencyKeyReusedError
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import BEGINNING, Cabinet, Clock, cabinet_in

MOMENT = timedelta(microseconds=1)
OTHER_WORDS = Words(text="Другой вопрос")


def rows(cabinet: Cabinet, table: sa.Table) -> int:
    with cabinet.database.read() as connection:
        count = sa.select(sa.func.count()).select_from(table)
        return int(connection.execute(count).scalar_one())


def test_seven_days_are_promised() -> None:
    """The span the contract names."""
    assert timedelta(days=7) == REMEMBERED


@pytest.mark.parametrize("passed", [timedelta(0), timedelta(days=1), REMEMBERED - MOMENT])
def test_a_key_is_remembered_for_seven_days(cabinet: Cabinet, passed: timedelta) -> None:
    """Until the last moment of them the same submission is the same case."""
    first = cabinet.add()

    cabinet.clock.now += passed

    assert cabinet.add() == first


def test_a_key_is_forgotten_after_seven_days(cabinet: Cabinet) -> None:
    """Then it names a new case, whatever its words."""
    first = cabinet.add()

    cabinet.clock.now += REMEMBERED

    second = cabinet.add(words=OTHER_WORDS)
    assert second.id != first.id
    assert cabinet.add(words=OTHER_WORDS) == second


def test_a_repetition_does_not_make_the_memory_longer(cabinet: Cabinet) -> None:
    """The seven days begin with the first submission."""
    first = cabinet.add()
    cabinet.clock.now += REMEMBERED - MOMENT
    cabinet.add()

    cabinet.clock.now += MOMENT

    assert cabinet.add().id != first.id


@pytest.mark.parametrize(
    "changed",
    [
        {"words": OTHER_WORDS},
        {"words": Words(text="Паспорт жоғалттым", contact="a@b.kz")},
        {"language": "kk"},
        {"region": "75"},
    ],
)
def test_a_key_with_another_request_is_refused(cabinet: Cabinet, changed: dict[str, Any]) -> None:
    """Words, contact, language and region all belong to the request."""
    cabinet.add()

    with pytest.raises(IdempotencyKeyReusedError):
        cabinet.add(**changed)


@pytest.mark.parametrize("changed", [{"owner": "berik"}, {"portal": "egov"}, {"request_id": "k2"}])
def test_a_key_is_its_caller_s_own(cabinet: Cabinet, changed: dict[str, Any]) -> None:
    """Another citizen, portal or key is another case."""
    assert cabinet.add(**changed).id != cabinet.add().id


def test_a_name_with_a_slash_is_nobody_else_s(cabinet: Cabinet) -> None:
    """Portal and owner cannot be cut at another place."""
    first = cabinet.add(portal="a", owner="b/c")

    assert cabinet.add(portal="a/b", owner="c").id != first.id


def test_a_key_is_remembered_over_a_restart(settings: Settings) -> None:
    """The memory is on disk."""
    with cabinet_in(settings) as before:
        first = before.add()

    with cabinet_in(settings) as after:
        assert after.add() == first


def test_forgotten_keys_are_swept(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of keys does not grow for ever; the cases stay."""
    monkeypatch.setattr(arrivals, "SWEEP_EVERY", 4)
    for number in range(3):
        cabinet.add(request_id=f"k{number}")
    cabinet.clock.now += REMEMBERED

    cabinet.add(request_id="the fourth")

    assert rows(cabinet, tables.submissions) == 1
    assert rows(cabinet, tables.cases) == 4


def test_numbers_rise_by_one(cabinet: Cabinet) -> None:
    """In the order of acceptance, from one on, with a good check digit."""
    numbers = [cabinet.add(request_id=f"k{n}").number for n in range(1, 6)]

    assert numbers == [receipt_number(2026, n) for n in range(1, 6)]
    assert all(map(is_receipt_number, numbers))


def test_a_repetition_takes_no_number(cabinet: Cabinet) -> None:
    """Numbers have no gaps that would look like lost cases."""
    cabinet.add()
    cabinet.add()

    assert cabinet.add(request_id="k2").number == receipt_number(2026, 2)


def test_a_new_year_starts_a_new_count(cabinet: Cabinet) -> None:
    """A second before midnight is the old year, and counting goes on in both."""
    # Midnight in Kazakhstan, whose years receipts are numbered by.
    cabinet.clock.now = datetime(2026, 12, 31, 18, 59, 59, tzinfo=UTC)
    last = cabinet.add(request_id="k1").number
    cabinet.clock.pass_time(seconds=1)
    first, second = (cabinet.add(request_id=f"k{n}").number for n in (2, 3))

    assert last == receipt_number(2026, 1)
    assert (first, second) == (receipt_number(2027, 1), receipt_number(2027, 2))


def test_many_at_once_have_a_number_each(cabinet: Cabinet) -> None:
    """None twice and none left out."""
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda n: cabinet.add(request_id=f"k{n}"), range(48)))

    assert {case.number for case in made} == {receipt_number(2026, n) for n in range(1, 49)}


@pytest.fixture
def second(cabinet: Cabinet, settings: Settings) -> Iterator[Cabinet]:
    """Open the same record as a second process would."""
    with cabinet_in(settings, cabinet.clock) as second:
        yield second


def test_two_writers_share_one_count(cabinet: Cabinet, second: Cabinet) -> None:
    """Neither is refused, and no number is given out twice."""
    with ThreadPoolExecutor(8) as pool:
        made = [
            pool.submit(each.add, request_id=f"k{n}")
            for n, each in enumerate([cabinet, second] * 12)
        ]
        numbers = {case.result().number for case in made}

    assert numbers == {receipt_number(2026, n) for n in range(1, 25)}


def test_two_writers_share_one_memory_of_keys(cabinet: Cabinet, second: Cabinet) -> None:
    """A key that races through both is one case."""
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(each.add) for each in [cabinet, second] * 8]

    assert len({case.result().id for case in made}) == 1
    assert rows(cabinet, tables.cases) == rows(cabinet, tables.outbox) == 1


def test_of_two_decisions_on_one_version_one_stands(cabinet: Cabinet, second: Cabinet) -> None:
    """Whoever comes second learns that the case has changed."""
    case = cabinet.add()

    with ThreadPoolExecutor(8) as pool:
        results = [
            pool.submit(each.decide, case, f"d{n}", 1)
            for n, each in enumerate([cabinet, second] * 4)
        ]

    found = sorted(result.result().status for result in results)
    assert found == [Status.RECORDED] + [Status.VERSION_CONFLICT] * 7


def test_events_of_a_case_are_in_order_whoever_writes_them(
    cabinet: Cabinet, second: Cabinet
) -> None:
    """The places of its events in the outbox rise with its versions."""
    cases = [cabinet.add(request_id=f"k{n}") for n in range(12)]
    with ThreadPoolExecutor(8) as pool:
        for case in cases:
            pool.submit(cabinet.decide, case, "d1")
            pool.submit(second.withdraw, case, "w1")

    with cabinet.database.read() as connection:
        query = sa.select(tables.outbox.c.id).order_by(tables.outbox.c.sequence)
        told = [id_.split(":") for id_ in connection.execute(query).scalars()]
    for case in cases:
        versions = [int(version) for case_id, version in told if case_id == case.id]
        assert versions in ([1, 2], [1, 2, 3])


def test_a_key_of_no_case_is_destroyed(cabinet: Cabinet) -> None:
    """A repetition leaves nothing behind."""
    case = cabinet.add()
    cabinet.add()
    with pytest.raises(IdempotencyKeyReusedError):
        cabinet.add(words=OTHER_WORDS)

    with cabinet.store.keys._database.read() as connection:
        kept = connection.execute(sa.select(tables.keys.c.case_id)).scalars().all()
    assert kept == [case.id]


def test_a_case_and_its_event_are_kept_together(cabinet: Cabinet) -> None:
    """Where the event cannot be written, there is no case, no step and no number."""

    def fail(_case: Case, _step: Step) -> dict[str, Any]:
        raise ZeroDivisionError

    broken = replace(cabinet.store, publish=fail)
    with pytest.raises(ZeroDivisionError):
        replace(cabinet, store=broken).add()

    for table in (tables.cases, tables.words, tables.steps, tables.submissions, tables.outbox):
        assert rows(cabinet, table) == 0
    assert cabinet.add().number == receipt_number(2026, 1)


def test_every_step_has_one_event(cabinet: Cabinet) -> None:
    """And a repetition or a refusal has none."""
    case = cabinet.add()
    cabinet.decide(case)
    cabinet.decide(case)
    cabinet.decide(case, "d2", version=1)
    cabinet.decide(case, "d3")

    assert rows(cabinet, tables.steps) == rows(cabinet, tables.outbox) == 2


def test_a_case_comes_back_as_it_was_kept(cabinet: Cabinet) -> None:
    """To the microsecond, with its decision."""
    cabinet.clock.now = BEGINNING + MOMENT
    case = cabinet.add(language="kk", region="75")
    cabinet.clock.pass_time(hours=1)
    moved = cabinet.decide(case).case

    assert case.submit_time == BEGINNING + MOMENT
    assert cabinet.store.get([case.id, "unknown"]) == {case.id: moved}


@pytest.mark.parametrize("name", ["submit", "SUBMIT", "submitted"])
def test_no_request_is_taken_for_the_submission(cabinet: Cabinet, name: str) -> None:
    """Whatever a caller names a request, it is not mistaken for the first step."""
    case = cabinet.add()

    assert cabinet.decide(case, name).status is Status.RECORDED


def test_a_repeated_change_gets_the_case_as_it_is(cabinet: Cabinet) -> None:
    """Also when it has moved on since, and whatever version was expected."""
    case = cabinet.add()
    cabinet.decide(case, "d1", version=1)
    withdrawal = Change(
        case.id, 0, "w1", lambda c: domain.withdraw(c, request_id="w1", now=cabinet.clock())
    )
    (withdrawn,) = cabinet.store.apply([withdrawal])

    again = cabinet.decide(case, "d1", version=1)

    assert (again.status, again.case) == (Status.REPEATED, withdrawn.case)


def test_a_change_of_nothing_is_not_found(cabinet: Cabinet) -> None:
    """A case that does not exist is not made by deciding on it."""
    unknown = replace(cabinet.add(), id="unknown")

    assert cabinet.decide(unknown).status is Status.NOT_FOUND


WHO = [
    *(Principal("aigul", role, "web", frozenset({"MIA"})) for role in Role),
    *(Principal("x", role, "egov", frozenset({"MJ", ""})) for role in Role),
    Principal("x", Role.OFFICER),
]


@pytest.mark.parametrize("who", WHO, ids=lambda who: f"{who.role}-{who.subject}")
def test_a_list_shows_what_may_be_seen(cabinet: Cabinet, who: Principal) -> None:
    """The rule for one case and the rule for many are one rule."""
    mine = cabinet.add()
    cabinet.decide(mine)
    others = cabinet.add(portal="egov", owner="berik")
    known = cabinet.store.get([mine.id, others.id])

    listed = cabinet.store.list(Filter(who, None, "", "", 10))

    visible = {id_ for id_, case in known.items() if domain.may_see(case, who)}
    assert {case.id for case in listed} == visible


def test_the_migrations_make_the_tables_that_are_used(cabinet: Cabinet) -> None:
    """Each table and column of the code is in the database, and no other."""
    inspector = sa.inspect(cabinet.database.reading)
    made = {
        name: {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }

    used = {
        table.name: {column.name: column.nullable for column in table.columns}
        for table in tables.metadata.tables.values()
    }
    assert made == used


def test_ids_are_uuids_in_the_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 7: a later millisecond is a larger id."""
    ids = []
    for milliseconds in range(0, 2**44, 2**38):
        monkeypatch.setattr(time, "time_ns", lambda now=milliseconds: now * 1_000_000)
        ids.append(new_id())

    assert ids == sorted(ids)
    assert {(UUID(id_).version, UUID(id_).variant) for id_ in ids} == {(7, "specified in RFC 4122")}


def test_the_clock_is_the_one_handed_in(settings: Settings) -> None:
    """Nothing is dated by the machine's own clock."""
    with cabinet_in(settings, Clock(datetime(2001, 2, 3, tzinfo=UTC))) as cabinet:
        case = cabinet.add()

    assert case.submit_time == case.update_time == datetime(2001, 2, 3, tzinfo=UTC)
    assert case.number == receipt_number(2001, 1)

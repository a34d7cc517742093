"""What citizens ask for, counted by day."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random

import pytest
import sqlalchemy as sa

from services.audit.domain import CaseEvent, Tally
from services.audit.domain.demand import Interval, Period, Question, Sum, period
from services.audit.domain.facts import day_of
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.demand import SqlDemand
from services.audit.store.tables import facts_table
from services.chassis.errors import InvalidError
from tests.unit.audit.stories import decision, event, gone

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
FIRST, SECOND = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)


def ask(demands: SqlDemand, *by: str, **more: object) -> list[Sum]:
    values = {"period": MARCH, "by": frozenset(by)} | more
    return list(demands.sums(Question(**values)))  # type: ignore[arg-type]


def told(demands: SqlDemand, by: str) -> dict[str, Tally]:
    return {str(getattr(one, by)): one.tally for one in ask(demands, by)}


def test_a_case_counts_on_the_day_it_was_submitted(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """Whatever happens to it later, and when."""
    analyst.record([event("c1", 1, submit_time=FIRST), event("c2", 1, submit_time=SECOND)])
    analyst.record([event("c1", 2, "completed", submit_time=SECOND)])

    assert told(demands, "day") == {"2026-03-01": Tally(1, 1), "2026-03-02": Tally(1, 1)}


def test_a_day_is_one_of_kazakhstan() -> None:
    """At 19:00 in UTC the next day begins."""
    moments = [datetime(2026, 3, 1, 18, 59, tzinfo=UTC), datetime(2026, 3, 1, 19, tzinfo=UTC)]

    assert [day_of(one) for one in moments] == ["2026-03-01", "2026-03-02"]


def test_a_case_keeps_the_channel_it_was_routed_by(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """A service that goes online later makes no earlier case online."""
    analyst.record([event("c1", 1, channel="in-person", submit_time=FIRST)])
    analyst.record([event("c2", 1, channel="online", submit_time=SECOND)])

    assert told(demands, "day") == {"2026-03-01": Tally(1, 0), "2026-03-02": Tally(1, 1)}


def test_the_language_is_the_citizens_or_else_the_models(
    analyst: SqlAnalyst, demands: SqlDemand
) -> None:
    """What the model saw counts where nothing was named, after the decision as well."""
    analyst.record([event("c1", 1, language="kk", decision=decision("d1", language="ru"))])
    analyst.record([event("c2", 1, decision=decision("d2", language="ru"))])
    analyst.record([event("c2", 2, "accepted")])

    assert told(demands, "language") == {"kk": Tally(1, 1), "ru": Tally(1, 1)}


def test_a_case_that_stands_nowhere_is_not_counted(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """Routed anew it counts again, by what it asks for then."""
    analyst.record([event("c1", 1), gone("c1", 2)])
    assert ask(demands) == []

    analyst.record([event("c1", 3, service_id="land.plot")])

    assert told(demands, "service_id") == {"land.plot": Tally(1, 1)}


def test_an_erased_case_is_dropped(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """Nothing tells what it asked for."""
    analyst.record([event("c1", 1), event("c1", 2, type="kz.qyzmet.case.erased.v1")])

    assert ask(demands) == []
    with analyst.database.read() as connection:
        assert connection.execute(sa.select(facts_table)).all() == []


def test_a_repeated_batch_counts_once(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """The bus may bring what it brought before."""
    for _ in range(2):
        analyst.record([event("c1", 1), event("c1", 2, "accepted")])

    assert [one.tally for one in ask(demands)] == [Tally(1, 1)]


@pytest.mark.parametrize("place", [("", ""), ("kk", ""), ("", "75"), ("kk", "75")])
@pytest.mark.parametrize("services", [None, {"s0", "s2"}])
@pytest.mark.parametrize("by", [set(), {"service_id"}, {"language", "day"}, {"region", "day"}])
def test_cells_equal_a_count_of_the_cases(
    analyst: SqlAnalyst,
    demands: SqlDemand,
    by: set[str],
    services: set[str] | None,
    place: tuple[str, str],
) -> None:
    """Each question gets from the cells what counting all cases would say."""
    last = _many_cases(analyst)
    language, region = place

    expected: dict[tuple[str, ...], Tally] = {}
    for one in last:
        fits = language in ("", one.language) and region in ("", one.region)
        if one.office and fits and (services is None or one.service_id in services):
            row = {"day": day_of(one.submit_time), "service_id": one.service_id}
            row |= {"language": one.language, "region": one.region}
            key = tuple(value if name in by else "" for name, value in row.items())
            mine = Tally(1, int(one.channel == "online"))
            expected[key] = expected.get(key, Tally()) + mine
    found = ask(demands, *by, services=services, region=region, language=language)
    assert {(s.day, s.service_id, s.language, s.region): s.tally for s in found} == expected != {}


def test_services_are_added_up_by_their_groups(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """In the database; services that are in none come together."""
    _many_cases(analyst)
    groups = {"s0": "MIA", "s1": "MIA", "s2": "MA"}

    found = ask(demands, "service_id", "day", groups=groups)

    expected: dict[tuple[str, str], Tally] = {}
    for one in ask(demands, "service_id", "day"):
        key = (one.day, groups.get(one.service_id, ""))
        expected[key] = expected.get(key, Tally()) + one.tally
    assert {(one.day, one.group): one.tally for one in found} == expected
    assert {one.service_id for one in found} == {""}


def _many_cases(analyst: SqlAnalyst) -> list[CaseEvent]:
    """Tell of cases that move about; return the last event of each."""
    chance = Random(7)
    last = []
    for number, version in product(range(150), (1, 2)):
        values = {
            "service_id": f"s{chance.randrange(4)}",
            "channel": chance.choice(["online", "in-person"]),
        }
        own = Random(number)
        values["language"] = own.choice(["kk", "ru"])
        values["region"] = own.choice(["75", "71"])
        when = datetime(2026, 3, own.randrange(1, 5), tzinfo=UTC)
        if version == 2 and number % 4 == 0:
            values |= {"service_id": "", "office": "", "channel": ""}
        told = event(f"c{number}", version, submit_time=when, **values)
        analyst.record([told])
        last += [told] if version == 2 else []
    return last


@pytest.mark.parametrize(
    ("interval", "day", "begin"),
    [
        (Interval.DAY, "2026-11-27", "2026-11-27"),
        (Interval.WEEK, "2026-11-27", "2026-11-23"),
        (Interval.WEEK, "2026-11-23", "2026-11-23"),
        (Interval.WEEK, "2027-01-03", "2026-12-28"),
        (Interval.WEEK, "0001-01-01", "0001-01-01"),
        (Interval.MONTH, "2026-11-27", "2026-11-01"),
    ],
)
def test_an_interval_begins(interval: Interval, day: str, begin: str) -> None:
    """Weeks on Monday (ISO 8601), also across the end of a year."""
    assert interval.begin(day) == begin


def test_days_are_added_up_by_their_intervals(analyst: SqlAnalyst, demands: SqlDemand) -> None:
    """Of each region apart; two days of one week are one."""
    analyst.record(
        [
            event("c1", 1, region="75", submit_time=FIRST),
            event("c2", 1, region="75", channel="in-person", submit_time=SECOND),
            event("c3", 1, region="75", submit_time=SECOND + timedelta(days=1)),
            event("c4", 1, region="43", submit_time=SECOND),
        ]
    )

    found = ask(demands, "day", "region", interval=Interval.WEEK)

    assert {(one.day, one.region): one.tally for one in found} == {
        ("2026-02-23", "75"): Tally(1, 1),
        ("2026-03-02", "75"): Tally(2, 1),
        ("2026-03-02", "43"): Tally(1, 1),
    }


def test_the_usual_days_are_the_last_ninety() -> None:
    """Where no day is named, the last is today."""
    assert period("", "", date(2026, 3, 31)) == Period(date(2026, 1, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("yesterday", "", "start_date"),
        ("", "2026-13-01", "end_date"),
        ("2026-03-02", "2026-03-01", "start_date"),
        ("2025-03-01", "2026-03-02", "start_date"),
    ],
)
def test_days_that_make_no_period_are_refused(start: str, end: str, field: str) -> None:
    """No such day, the last before the first, or more than a year at once."""
    with pytest.raises(InvalidError) as refusal:
        period(start, end, date(2026, 3, 31))

    assert refusal.value.field == field

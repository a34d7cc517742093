"""Clocks in SQL, and the batch that lets them ring."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from services.chassis.config import Settings
from services.chassis.database import Database, open_database
from services.chassis.errors import UnavailableError
from services.chassis.workdays import Calendar
from services.delivery import app, events
from services.delivery.domain.clocks import Alarm, Ring, Rulebook
from services.delivery.events import alarms
from services.delivery.handlers.clocks import alarms_of, ring_due
from services.delivery.store import SqlFeeds, outbox
from services.delivery.store.clocks import SqlClocks, Winder, clocks_table
from tests.unit.delivery.parcels import counted
from tests.unit.delivery.test_clocks import at, midnight, told

RULEBOOK = Rulebook()
CALENDAR = Calendar()


class Record:
    """Stands for the system of record: hears what is overdue, and knows who has moved on."""

    def __init__(self) -> None:
        self.heard: list[Alarm] = []
        self.moved_on: set[str] = set()
        self.is_away = False

    def tell(self, overdue: Sequence[Alarm]) -> frozenset[str]:
        if self.is_away:
            raise UnavailableError
        self.heard.extend(overdue)
        return frozenset(one.case_id for one in overdue) - self.moved_on


class Tower:
    """Feeds and clocks on one database, and the times somebody looks."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.feeds = SqlFeeds(database, events.to_outbox, Winder(RULEBOOK, CALENDAR))
        self.clocks = SqlClocks(database, alarms.clock_rang)
        self.record = Record()

    def hear(self, *story: Any) -> None:
        """Take events of one case or more, each told by its name, state, day and due day."""
        self.feeds.append(story, at("02-16"))

    def look(self, time: datetime, most: int = 500) -> None:
        """Let ring what is due, to the last."""
        while ring_due(
            time,
            clocks=self.clocks,
            lateness=self.record,
            rulebook=RULEBOOK,
            calendar=CALENDAR,
            most=most,
        ):
            pass

    def alarms(self) -> list[tuple[str, str, str, int]]:
        """Return the alarms that wait to be published, in order."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(outbox).order_by(outbox.c.sequence)).all()
        found = [row for row in rows if row.aggregatetype == "qyzmet.alarms.v1"]
        told = [(row.type, msgspec.json.decode(row.payload)) for row in found]
        return [
            (type_.split(".")[3], one["case_id"], one["clock"], one["level"]) for type_, one in told
        ]

    def running(self) -> list[str]:
        with self.database.read() as connection:
            return sorted(connection.execute(sa.select(clocks_table.c.kind)).scalars())


@pytest.fixture
def tower(settings: Settings) -> Iterator[Tower]:
    database = open_database(settings, "delivery", app.MIGRATIONS)
    yield Tower(database)
    database.close()


def case(case_id: str, *story: tuple[Any, ...]) -> list[Any]:
    """Tell the events of a case one after another."""
    return [
        replace(told(*line), case_id=case_id, case_version=n, event_id=f"{case_id}:{n}")
        for n, line in enumerate(story, 1)
    ]


SUBMITTED = ("submitted", "submitted", "02-16", "02-19")
ROUTED = ("routed", "routed", "02-16", "03-10")
ACCEPTED = ("accepted", "accepted", "02-16", "03-10")
ASKED = ("information-requested", "information-requested", "02-17")
COMPLETED = ("completed", "completed", "02-17")


def test_a_case_that_goes_well_rings_nothing(tower: Tower) -> None:
    """Every clock is stopped by what was done, and none is left."""
    tower.hear(*case("c1", SUBMITTED, ROUTED, ACCEPTED, COMPLETED))

    tower.look(at("12-31"))

    assert (tower.alarms(), tower.running()) == ([], [])


def test_clocks_are_started_and_stopped_event_by_event(tower: Tower) -> None:
    """What runs already runs on, whether events come together or one by one."""
    running = []
    for one in case("c1", SUBMITTED, ROUTED, ACCEPTED, ASKED):
        tower.hear(one)
        running.append(tower.running())

    assert running == [
        ["pass-on"],
        ["acknowledgement", "pass-on", "receipt", "term"],
        ["term"],
        [],
    ]


ANSWERED = ("information-provided", "routed", "02-23", "03-16")


@pytest.mark.parametrize("size", [1, 4])
def test_an_office_that_asks_must_still_pass_on_or_accept(tower: Tower, size: int) -> None:
    """Nothing rings while the citizen is asked; what was left of the days runs on after that."""
    story = case("c1", SUBMITTED, ROUTED, ASKED, ANSWERED)
    for first in range(0, len(story), size):
        tower.hear(*story[first : first + size])

    tower.look(midnight("02-25") - timedelta(seconds=1))
    before = tower.alarms()
    tower.look(midnight("02-25"))

    assert ("overdue", "c1", "pass-on", 1) not in before
    assert tower.alarms()[len(before) :] == [("overdue", "c1", "pass-on", 1)]


def test_a_clock_that_stands_still_does_not_ring(tower: Tower) -> None:
    """Also not where somebody was about to let it ring when the question came."""
    story = case("c1", SUBMITTED, ROUTED, ASKED)
    tower.hear(*story[:2])
    due = tower.clocks.due(midnight("02-19"), 500)
    tower.hear(story[2])

    tower.clocks.advance([replace(one, next_time=at("02-20")) for one in due], [])
    tower.look(at("12-31"))

    assert tower.alarms() == []
    assert tower.running() == ["pass-on"]


def told_to(tower: Tower, *offices: str) -> list[tuple[str, str, float, int]]:
    """Return what offices see of what rang on c1."""
    found = alarms_of(
        ["c1"],
        frozenset(offices),
        clocks=tower.clocks,
        rulebook=RULEBOOK,
        calendar=CALENDAR,
    )
    return [(one.clock.value, one.ring.value, one.share, one.level) for one in found]


def test_an_office_sees_what_rang_and_runs_on(tower: Tower) -> None:
    """The newest of each clock, and no other office's; it goes with what was done."""
    story = case("c1", SUBMITTED, ROUTED, ACCEPTED)
    tower.hear(*story[:2])
    assert told_to(tower, "MIA") == []
    tower.look(at("02-18", "12:00"))

    assert told_to(tower, "MIA", "MJ") == [
        ("acknowledgement", "unacknowledged", 0.0, 0),
        ("receipt", "overdue", 0.0, 1),
        ("pass-on", "reminder", 0.5, 0),
    ]
    assert told_to(tower, "MJ") == []
    tower.hear(story[2])
    assert told_to(tower, "MIA") == []


def test_what_stands_still_is_not_shown_as_ringing(tower: Tower) -> None:
    """While the citizen is asked, the office has nothing to hurry with."""
    story = case("c1", SUBMITTED, ROUTED, ASKED)
    tower.hear(*story[:2])
    tower.look(at("02-18", "12:00"))
    assert told_to(tower, "MIA")
    tower.hear(story[2])

    assert told_to(tower, "MIA") == []


def test_a_clock_that_has_no_more_to_say_is_still_shown(tower: Tower) -> None:
    """What is late stays late after its last level."""
    tower.hear(*case("c1", SUBMITTED, ROUTED))

    tower.look(at("12-31"))

    assert ("pass-on", "overdue", 0.0, 3) in told_to(tower, "MIA")


def test_an_office_that_does_not_answer_is_told_of_and_counted(tower: Tower) -> None:
    """By its code, for analysts and for Prometheus."""
    labels = {"office": "MIA", "ring": "unacknowledged"}
    before = counted("qyzmet_alarms_total", **labels)
    tower.hear(*case("c1", SUBMITTED, ROUTED), *case("c2", SUBMITTED, ROUTED, ACCEPTED))

    tower.look(at("02-16", "11:00"))

    assert tower.alarms() == [("unacknowledged", "c1", "acknowledgement", 0)]
    assert tower.clocks.counts() == {"MIA": {Ring.UNACKNOWLEDGED: 1}}
    assert counted("qyzmet_alarms_total", **labels) == before + 1


def test_the_record_hears_of_what_is_overdue(tower: Tower) -> None:
    """Each level once, however often somebody looks."""
    tower.hear(*case("c1", SUBMITTED, ROUTED, ACCEPTED))

    for days in range(60):
        tower.look(midnight("02-16") + timedelta(days))

    assert [(one.clock, one.level) for one in tower.record.heard] == [
        ("term", 1),
        ("term", 2),
        ("term", 3),
    ]
    assert [name for name, *_ in tower.alarms()] == ["reminder"] * 2 + ["overdue"] * 3


def test_a_case_that_moved_on_is_not_overdue(tower: Tower) -> None:
    """Its events are on their way; no alarm is raised past the record's word."""
    tower.hear(*case("c1", SUBMITTED, ROUTED, ACCEPTED))
    tower.record.moved_on = {"c1"}

    tower.look(at("03-11"))

    assert len(tower.record.heard) == 1
    assert tower.alarms() == []


def test_its_own_event_does_not_start_a_clock_again(tower: Tower) -> None:
    """An overdue case is told as such once for each level, not for ever."""
    tower.hear(*case("c1", SUBMITTED, ROUTED, ACCEPTED))
    tower.look(at("12-01"))
    overdue = ("overdue", "accepted", "12-01", "03-10")
    tower.hear(case("c1", SUBMITTED, ROUTED, ACCEPTED, overdue)[-1])

    tower.look(at("12-31"))

    assert [one.level for one in tower.record.heard] == [1, 3]


def test_while_the_record_is_away_nothing_is_forgotten(tower: Tower) -> None:
    """The clock has not rung until it was heard."""
    tower.hear(*case("c1", SUBMITTED, ROUTED, ACCEPTED))
    tower.record.is_away = True
    with pytest.raises(UnavailableError):
        tower.look(at("03-11"))

    tower.record.is_away = False
    tower.look(at("03-11"))

    assert [name for name, *_ in tower.alarms()] == ["overdue"]


def test_clocks_run_over_a_restart(settings: Settings) -> None:
    """They are on disk, with what has rung already."""
    for time in (at("02-28"), at("03-08"), at("03-11")):
        database = open_database(settings, "delivery", app.MIGRATIONS)
        tower = Tower(database)
        if time == at("02-28"):
            tower.hear(*case("c1", SUBMITTED, ROUTED, ACCEPTED))
        tower.look(time)
        rung = [name for name, *_ in tower.alarms()]
        database.close()

    assert rung == ["reminder", "reminder", "overdue"]


def test_many_clocks_ring_in_batches(tower: Tower) -> None:
    """Also more than one batch holds, and two clocks of one case at once; each moment once."""
    for n in range(25):
        tower.hear(*case(f"c{n}", SUBMITTED, ROUTED))

    tower.look(midnight("02-19"), most=10)

    alarms = tower.alarms()
    assert len(alarms) == len(set(alarms)) == 100
    assert {(name, clock) for name, _, clock, _ in alarms} == {
        ("unacknowledged", "acknowledgement"),
        ("overdue", "receipt"),
        ("overdue", "pass-on"),
    }


def test_a_clock_that_was_stopped_meanwhile_does_not_go_on(tower: Tower) -> None:
    """An answer that comes between looking and ringing wins."""
    story = case("c1", SUBMITTED, ROUTED, ACCEPTED, ASKED)
    tower.hear(*story[:3])
    (clock,) = tower.clocks.due(at("03-11"), 10)

    tower.hear(story[3])
    tower.clocks.advance([clock], [])

    assert tower.running() == []


def test_the_next_clock_is_found_by_an_index(tower: Tower) -> None:
    """A scan of all cases every second would be the end of it."""
    with tower.database.read() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("the plan of a small table tells nothing on PostgreSQL")
        query = "SELECT * FROM clocks WHERE next_time <= 1 ORDER BY next_time LIMIT 10"
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()

    assert [row[3] for row in plan] == [
        "SEARCH clocks USING INDEX clocks_by_next_time (next_time<?)"
    ]

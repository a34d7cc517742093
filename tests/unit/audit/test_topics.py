"""New topics, watched: each rings once while it lasts, whoever looks and however often."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from services.audit import app
from services.audit.clients import GrpcCases
from services.audit.domain.demand import Period
from services.audit.domain.topics import Topic
from services.audit.events import topic_to_outbox
from services.audit.handlers.topics import TopicWatch
from services.audit.store import SqlLedger
from services.audit.store.tables import outbox, topic_looks_table
from services.audit.store.topics import SqlLooks
from services.chassis import alarms, codec, testing
from services.chassis.application import Platform
from services.chassis.errors import UnavailableError
from tests.unit.audit.stories import NOON
from tests.unit.audit.test_clients import AUDIT

DRONES = ("дрона", "полёт", "разрешение")
BEES = ("пчёлы", "соседа", "улей")


def topic(*words: str, is_new: bool = True) -> Topic:
    return Topic(
        words=words,
        case_count=40,
        case_share=0.2,
        reference_case_count=1,
        reference_case_share=0.01,
        is_small=False,
        service_ids=["transport.drone"],
        kk_count=10,
        ru_count=30,
        en_count=0,
        mixed_count=0,
        is_new=is_new,
    )


class Said:
    """What cases says such cases are about, and for which days it was asked."""

    def __init__(self) -> None:
        self.told: list[Topic] = []
        self.asked: list[Period] = []
        self.is_away = False

    def topics(self, days: Period) -> Sequence[Topic]:
        self.asked.append(days)
        if self.is_away:
            raise UnavailableError
        return self.told


class Watching:
    """A watch that looks on some day, and what it rang for."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.database = ledger.database
        self.said = Said()
        self.is_ours = True

    def look(self, days_later: int = 0) -> None:
        TopicWatch(
            triaged=self.said,
            looks=SqlLooks(self.database),
            announce=topic_to_outbox,
            now=lambda: NOON + timedelta(days_later),
            is_ours=lambda: self.is_ours,
        ).look()

    def rung(self) -> list[Any]:
        with self.database.read() as connection:
            rows = connection.execute(sa.select(outbox).order_by(outbox.c.sequence)).all()
        assert {(row.aggregatetype, row.type) for row in rows} <= {
            (alarms.TOPIC.name, "kz.qyzmet.alarm.topic.v1")
        }
        assert len({row.id for row in rows}) == len(rows)
        return [codec.decode(row.payload, pb.TopicAlarm) for row in rows]

    def words(self) -> list[list[str]]:
        return [list(alarm.topic.words) for alarm in self.rung()]


@pytest.fixture
def watching(ledger: SqlLedger) -> Watching:
    return Watching(ledger)


def test_a_new_topic_rings(watching: Watching) -> None:
    """With its days, how many cases it is of, and its words; what is not new does not."""
    watching.said.told = [topic(*DRONES), topic(*BEES, is_new=False)]

    watching.look()

    (alarm,) = watching.rung()
    (days,) = watching.said.asked
    assert (alarm.start_date, alarm.end_date) == (days.start.isoformat(), days.end.isoformat())
    assert days == Period(NOON.date() - timedelta(7), NOON.date() - timedelta(1))
    assert (alarm.topic.case_count, alarm.topic.ru_count) == (40, 30)
    assert list(alarm.topic.words) == list(DRONES)


def test_a_day_is_looked_at_once(watching: Watching) -> None:
    """Whoever starts again asks cases nothing, so that no reading is recorded in vain."""
    watching.look()
    watching.said.told = [topic(*DRONES)]
    watching.look()

    assert (len(watching.said.asked), watching.rung()) == (1, [])


def test_a_topic_that_lasts_rings_once(watching: Watching) -> None:
    """By words that are mostly the same, in whatever form; another beside it rings."""
    watching.said.told = [topic(*DRONES)]
    watching.look()
    watching.said.told = [topic("дронам", "разрешения", "поле"), topic(*BEES)]
    watching.look(1)
    watching.look(30)
    watching.look(60)

    assert watching.words() == [list(DRONES), list(BEES)]


def test_a_topic_that_comes_back_after_long_rings_again(watching: Watching) -> None:
    """What was found long ago is forgotten, with its words."""
    watching.said.told = [topic(*DRONES)]
    watching.look()
    watching.look(37)

    assert watching.words() == [list(DRONES)] * 2
    with watching.database.read() as connection:
        kept = connection.execute(sa.select(topic_looks_table.c.day)).scalars().all()
    assert kept == [(NOON.date() + timedelta(36)).isoformat()]


def test_two_who_look_at_once_ring_once(watching: Watching) -> None:
    """Where a lease ran out, the second finds the day done."""
    inner, watching.said.told = watching.said.topics, [topic(*DRONES)]

    def meanwhile(days: Period) -> Sequence[Topic]:
        watching.said.topics = inner  # type: ignore[method-assign]  # once
        watching.look()
        return inner(days)

    watching.said.topics = meanwhile  # type: ignore[method-assign]  # to come between

    watching.look()

    assert watching.words() == [list(DRONES)]


def test_who_has_not_the_lease_asks_nothing(watching: Watching) -> None:
    """Of several processes one looks."""
    watching.is_ours = False

    watching.look()

    assert watching.said.asked == []


def test_while_cases_is_away_the_day_is_not_done(watching: Watching) -> None:
    """Somebody looks later."""
    watching.said.told, watching.said.is_away = [topic(*DRONES)], True
    with pytest.raises(UnavailableError):
        watching.look()
    watching.said.is_away = False

    watching.look()

    assert watching.words() == [list(DRONES)]


class Cases(cases_pb2_grpc.CasesServiceServicer):
    """A peer that tells of one topic, and who asked for which days."""

    asked: cases_pb2.ListTriagedTopicsRequest

    def ListTriagedTopics(self, request: Any, context: Any) -> cases_pb2.ListTriagedTopicsResponse:
        self.asked = request
        told = codec.to_proto(topic(*DRONES), cases_pb2.TriagedTopic)
        return cases_pb2.ListTriagedTopicsResponse(topics=[told])


@pytest.fixture
def peer(platform: Platform) -> Iterator[tuple[str, Cases]]:
    cases = Cases()
    server = testing.peer(
        platform,
        lambda server: cases_pb2_grpc.add_CasesServiceServicer_to_server(cases, server),
        "qyzmet.cases.v1.CasesService",
    )
    server.start()
    yield server.address, cases
    server.stop(0.1)


def test_cases_is_asked_in_our_own_name(platform: Platform, peer: tuple[str, Cases]) -> None:
    """For the days, in all languages."""
    address, cases = peer
    asking = GrpcCases(address, testing.caller(platform, AUDIT))
    days = Period(NOON.date(), NOON.date())

    (told,) = asking.topics(days)

    asking.close()
    assert told == replace(topic(*DRONES), words=list(DRONES))
    assert (cases.asked.start_date, cases.asked.language) == (NOON.date().isoformat(), 0)


def test_a_running_audit_rings_by_itself(
    platform: Platform, peer: tuple[str, Cases], eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Nobody asks, and the alarm is an event that others read."""
    platform.addresses["cases"] = peer[0]

    def told() -> list[Any]:
        return list(platform.bus.history(alarms.TOPIC.name))

    with testing.running(platform, app.build(platform)):
        eventually(lambda: len(told()) > 0)

    (record,) = told()
    event, data = codec.from_record(record)
    assert event.type == "kz.qyzmet.alarm.topic.v1"
    assert list(codec.decode(data, pb.TopicAlarm).topic.words) == list(DRONES)

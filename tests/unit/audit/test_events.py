"""What audit makes of the records of the bus."""

from collections.abc import Callable

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.audit import events
from services.audit.store import SqlLedger
from services.chassis.application import Platform
from services.chassis.codec import MalformedEventError
from tests.unit.audit.conftest import Analysts
from tests.unit.audit.stories import message, record, wrap

Eventually = Callable[[Callable[[], object]], None]


def test_a_record_is_read_whole() -> None:
    """State, channel and decision are read in the words of the domain."""
    event = events.from_record(record(message("c1", 2)))

    assert (event.state, event.channel, event.case_version) == ("routed", "online", 2)
    assert event.decision is not None
    assert event.decision.outcome == "route"


@pytest.mark.parametrize(
    "told",
    [
        pb.CaseEvent(case_id="c1"),
        pb.CaseEvent(case_id="c1", case_version=1, decision=pb.Decision()),
    ],
)
def test_what_cannot_be_recorded_is_malformed(told: pb.CaseEvent) -> None:
    """An event without a version and a decision without an id are refused, not guessed at."""
    with pytest.raises(MalformedEventError):
        events.from_record(record(wrap(told, "kz.qyzmet.case.routed.v1")))


def test_redelivery_of_the_whole_topic_changes_nothing(
    platform: Platform, ledger: SqlLedger
) -> None:
    """Read again from offset 0, the topic moves no counter and adds no decision."""
    platform.bus.ensure_topics([events.TOPIC])
    platform.bus.publish([message(f"c{n}", 1) for n in range(20)])
    platform.bus.publish([message("c0", 2, "accepted"), message("c1", 2, "returned")])
    told = []
    for _ in range(2):
        events.handle(list(platform.bus.history(events.TOPIC.name)), ledger=ledger)
        told.append((ledger.coverage(), ledger.decisions("c0")))

    assert told[0] == told[1]
    assert told[0][0][0][0].tally.case_count == 19


def test_a_case_with_a_hole_does_not_hold_up_others(
    analysts: Analysts, eventually: Eventually
) -> None:
    """The case whose version 1 is missing is set aside; the next one is counted."""
    analysts.tell(message("c1", 2), message("c2", 1))

    eventually(lambda: analysts.coverage().routed_case_count == 1)
    assert analysts.decisions("c2")
    assert not analysts.decisions("c1")

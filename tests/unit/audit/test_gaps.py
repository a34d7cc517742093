"""Nothing missing, watched: gaps between cases and the log ring, once, and are counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
import sqlalchemy as sa

from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit import handlers
from services.audit.domain.reconciling import Decided, Key
from services.audit.events import gaps_to_outbox
from services.audit.handlers.gaps import GapWatch
from services.audit.store import SqlLedger
from services.audit.store.gaps import SqlGaps
from services.audit.store.keys import LogKeys
from services.audit.store.proving import SqlLog
from services.audit.store.tables import outbox
from services.chassis import alarms, codec
from tests.unit.audit.stories import NOON, decision, event

AGE = timedelta(minutes=10)


class Said:
    """What cases says was decided, long ago or when it is told."""

    def __init__(self) -> None:
        self.times: dict[Key, datetime] = {}
        self.late: dict[Key, datetime] = {}
        """Decided while the log is read: told from the second time on."""

    def decide(self, *keys: Key, ago: timedelta = 2 * AGE) -> None:
        self.times |= dict.fromkeys(keys, NOON - ago)

    def decided(self, after: Key, limit: int) -> Sequence[Decided]:
        told = [Decided(*key, time) for key, time in sorted(self.times.items()) if key > after]
        self.times |= self.late
        return told[:limit]


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def watch(ledger: SqlLedger, said: Said) -> GapWatch:
    return GapWatch(
        log=SqlLog(ledger.database, LogKeys(Path(), "x")),
        decisions=said,
        kept=SqlGaps(ledger.database),
        announce=gaps_to_outbox,
        now=lambda: NOON,
        age=AGE,
        is_ours=lambda: True,
    )


def seal(ledger: SqlLedger, *case_ids: str) -> None:
    """Put the first decision of cases into the log."""
    ledger.record([event(id_, 1, decision=decision(f"{id_}:1")) for id_ in case_ids])


def rung(ledger: SqlLedger) -> list[Any]:
    """Return what was announced."""
    with ledger.database.read() as connection:
        rows = connection.execute(sa.select(outbox).order_by(outbox.c.sequence)).all()
    assert {(row.aggregatetype, row.type) for row in rows} <= {
        (alarms.TOPIC.name, "kz.qyzmet.alarm.gap.v1")
    }
    return [codec.decode(row.payload, pb.GapAlarm) for row in rows]


def counted(kind: str) -> float | None:
    return prometheus_client.REGISTRY.get_sample_value("qyzmet_log_gaps", {"kind": kind})


def test_a_log_that_holds_all_rings_nothing(watch: GapWatch, said: Said, ledger: SqlLedger) -> None:
    """And no gap is counted."""
    seal(ledger, "c1")
    said.decide(("c1", 1))

    watch.look()

    assert rung(ledger) == []
    assert counted("missing") == counted("strange") == 0


def test_an_old_decision_without_a_record_rings(
    watch: GapWatch, said: Said, ledger: SqlLedger
) -> None:
    """The alarm names it, and the metric counts it."""
    seal(ledger, "c1")
    said.decide(("c1", 1), ("c2", 1))

    watch.look()

    (alarm,) = rung(ledger)
    assert (alarm.missing_count, list(alarm.missing), alarm.strange_count) == (1, ["c2:1"], 0)
    assert counted("missing") == 1


def test_a_young_decision_may_be_on_its_way(watch: GapWatch, said: Said, ledger: SqlLedger) -> None:
    """It rings when it has the age the operator set."""
    said.decide(("c1", 1), ago=AGE - timedelta(seconds=1))
    watch.look()
    assert rung(ledger) == []

    said.decide(("c1", 1), ago=AGE)
    watch.look()

    assert [list(alarm.missing) for alarm in rung(ledger)] == [["c1:1"]]


def test_a_record_without_a_decision_rings(watch: GapWatch, said: Said, ledger: SqlLedger) -> None:
    """Somebody wrote into the log past cases."""
    seal(ledger, "c1", "c2")
    said.decide(("c2", 1))

    watch.look()

    (alarm,) = rung(ledger)
    assert (list(alarm.strange), list(alarm.missing)) == (["c1:1"], [])
    assert counted("strange") == 1


def test_what_was_decided_while_the_log_was_read_is_no_stranger(
    watch: GapWatch, said: Said, ledger: SqlLedger
) -> None:
    """Cases is asked again before anybody is alarmed."""
    seal(ledger, "c1", "c2")
    said.decide(("c2", 1))
    said.late = {("c1", 1): NOON}

    watch.look()

    assert rung(ledger) == []


def test_a_gap_rings_once(watch: GapWatch, said: Said, ledger: SqlLedger) -> None:
    """However often somebody looks, and beside others that are new."""
    said.decide(("c1", 1))
    watch.look()
    watch.look()
    said.decide(("c2", 1))
    watch.look()

    assert [list(alarm.missing) for alarm in rung(ledger)] == [["c1:1"], ["c2:1"]]
    assert counted("missing") == 2


def test_a_gap_that_was_closed_and_opens_again_rings_again(
    watch: GapWatch, said: Said, ledger: SqlLedger
) -> None:
    """Closed, it is counted no longer."""
    said.decide(("c1", 1))
    watch.look()
    said.times.clear()
    watch.look()
    assert counted("missing") == 0

    said.decide(("c1", 1))
    watch.now = lambda: NOON + AGE
    watch.look()

    assert [list(alarm.missing) for alarm in rung(ledger)] == [["c1:1"]] * 2


def test_each_look_compares_one_page(
    watch: GapWatch, said: Said, ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next goes on behind it, and behind the last one it begins anew."""
    monkeypatch.setattr(handlers, "RECONCILED", 2)
    said.decide(*((f"c{number}", 1) for number in range(5)))

    watch.look()
    assert counted("missing") == 2
    watch.look()
    watch.look()
    assert counted("missing") == 5
    said.decide(("c0", 2))
    watch.look()

    assert [alarm.missing_count for alarm in rung(ledger)] == [2, 2, 1, 1]


def test_one_alarm_names_no_more_than_twenty(
    watch: GapWatch, said: Said, ledger: SqlLedger
) -> None:
    """Of a log that stands still for long it tells how many, and the first."""
    said.decide(*((f"c{number:02d}", 1) for number in range(30)))

    watch.look()

    (alarm,) = rung(ledger)
    assert (alarm.missing_count, len(alarm.missing), alarm.missing[0]) == (30, 20, "c00:1")


def test_whose_turn_it_is_not_does_nothing(watch: GapWatch, said: Said, ledger: SqlLedger) -> None:
    """Of several processes one looks."""
    said.decide(("c1", 1))
    watch.is_ours = lambda: False

    watch.look()

    assert rung(ledger) == []

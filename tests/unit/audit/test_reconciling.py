"""Nothing missing: the log against what cases decided."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from services.audit import handlers
from services.audit.domain.reconciling import ON_ITS_WAY, Decided
from services.audit.store import SqlLedger
from services.audit.store.keys import LogKeys
from services.audit.store.proving import SqlLog
from tests.unit.audit.stories import NOON, decision, event

AGO = NOON - timedelta(hours=1)


class Said:
    """What cases says was decided."""

    def __init__(self, *keys: tuple[str, int], decide_time: object = AGO) -> None:
        self._all = [Decided(*key, decide_time) for key in sorted(keys)]  # type: ignore[arg-type]

    def decided(self, after: tuple[str, int], limit: int) -> Sequence[Decided]:
        return [one for one in self._all if one.key > after][:limit]


@pytest.fixture
def log(ledger: SqlLedger) -> SqlLog:
    """Give a log of the decisions on c1 and c2."""
    ledger.record([event(id_, 1, decision=decision(f"{id_}:1")) for id_ in ("c1", "c2")])
    return SqlLog(ledger.database, LogKeys(Path(), "x"))


def reconcile(log: SqlLog, said: Said, after: tuple[str, int] = ("", 0)) -> object:
    return handlers.reconcile(after, log=log, decisions=said, now=lambda: NOON)


def test_a_log_that_holds_all_has_no_gap(log: SqlLog) -> None:
    """Each decision has its record."""
    found = reconcile(log, Said(("c1", 1), ("c2", 1)))

    assert (found.checked_count, found.missing, found.strange) == (2, [], [])
    assert found.is_last


def test_a_decision_without_a_record_is_a_gap(log: SqlLog) -> None:
    """It is named."""
    found = reconcile(log, Said(("c1", 1), ("c1", 3), ("c2", 1)))

    assert found.missing == ["c1:3"]


def test_a_record_without_a_decision_is_strange(log: SqlLog) -> None:
    """Somebody wrote into the log past cases."""
    assert reconcile(log, Said(("c2", 1))).strange == ["c1:1"]


@pytest.mark.parametrize(
    ("kept", "strange"), [([], ["c1:1", "c2:1"]), ([("c1", 1)], ["c2:1"])], ids=["empty", "older"]
)
def test_cases_restored_from_an_older_copy_is_seen(
    log: SqlLog, kept: list[tuple[str, int]], strange: list[str]
) -> None:
    """What the log holds behind the last decision that cases knows is strange too."""
    assert reconcile(log, Said(*kept)).strange == strange


def test_what_is_decided_meanwhile_is_no_stranger(log: SqlLog) -> None:
    """Cases is asked again where the log holds more."""
    told = [Said(), Said(("c1", 1), ("c2", 1))]

    class Growing:
        def decided(self, after: tuple[str, int], limit: int) -> Sequence[Decided]:
            return (told.pop(0) if len(told) > 1 else told[0]).decided(after, limit)

    found = handlers.reconcile(("", 0), log=log, decisions=Growing(), now=lambda: NOON)

    assert (found.checked_count, found.strange) == (2, [])


def test_a_decision_of_this_moment_is_on_its_way(log: SqlLog) -> None:
    """It is a gap only when half a minute has passed."""
    young = Said(("c1", 1), ("c2", 1), ("c3", 1), decide_time=NOON - ON_ITS_WAY / 2)

    found = reconcile(log, young)

    assert (found.missing, found.waiting_count) == ([], 1)


def test_a_large_log_is_compared_page_by_page(log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second page goes on behind the first, and nothing is taken for strange between."""
    monkeypatch.setattr(handlers, "RECONCILED", 1)
    said = Said(("c1", 1), ("c2", 1))

    first = reconcile(log, said)
    second = reconcile(log, said, (first.last_case_id, first.last_case_version))

    assert (first.is_last, first.missing, first.strange) == (False, [], [])
    assert (second.last_case_id, second.missing, second.strange) == ("c2", [], [])


def test_strangers_are_told_page_by_page_too(log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many records as there are, though cases knows none."""
    monkeypatch.setattr(handlers, "RECONCILED", 1)

    first = reconcile(log, Said())
    second = reconcile(log, Said(), (first.last_case_id, first.last_case_version))

    assert (first.strange, second.strange) == (["c1:1"], ["c2:1"])
    assert not first.is_last

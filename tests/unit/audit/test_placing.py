"""Where cases stand, made anew from the topic while the ledger goes on."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from services.audit.domain import CaseEvent
from services.audit.domain.counting import RATED
from services.audit.store import SqlLedger
from services.audit.store.analyst import REBUILDING, RebuildingError
from services.audit.store.placing import PLACED, SqlPlacing
from services.audit.store.tables import state_table
from services.chassis.story import ERASED
from tests.unit.audit.stories import event, gone
from tests.unit.audit.test_counts import stories

STRANGE = "kz.qyzmet.case.danced.v1"


def told(ledger: SqlLedger) -> Sequence[Any]:
    """Return where cases stand, and the coverage over it."""
    with ledger.database.read() as connection:
        places = set(map(tuple, connection.execute(sa.select(PLACED[0]))))
    return [places, *ledger.coverage()]


def made_anew(
    ledger: SqlLedger, history: Sequence[CaseEvent], *, size: int = 7, meanwhile: int = 0
) -> None:
    """Make them anew, while the ledger sees the last of the events only now."""
    placing = SqlPlacing(ledger.database)
    placing.clear()
    ledger.record(history[len(history) - meanwhile :])
    for begin in range(0, len(history), size):
        placing.record(history[begin : begin + size])


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_same_events_give_the_same_places_and_counters(ledger: SqlLedger, size: int) -> None:
    """However they come in batches; cases that were erased or taken back stand nowhere."""
    history = stories(60, seed=5)
    ledger.record(history)
    before = told(ledger)

    made_anew(ledger, history, size=size)

    assert told(ledger) == before
    assert before[0]


def test_what_the_ledger_sees_meanwhile_counts_once(ledger: SqlLedger) -> None:
    """It was placed by the ledger, and stays where that put it."""
    history = [event("c1", 1), event("c2", 1), gone("c1", 2), event("c2", 2, "accepted")]
    ledger.record(history[:2])

    made_anew(ledger, history, size=1, meanwhile=2)

    (places, services, offices) = told(ledger)
    assert {place[0] for place in places} == {"c2"}
    assert [row.tally.case_count for row in (*services, *offices)] == [1, 1]


def test_what_the_ledger_has_not_seen_is_left_to_it(ledger: SqlLedger) -> None:
    """As what was parked, or comes in a moment."""
    history = [event("c1", 1), gone("c1", 2)]
    ledger.record(history[:1])

    made_anew(ledger, history)
    assert len(told(ledger)[0]) == 1

    ledger.record(history[1:])
    assert told(ledger) == [set(), [], []]


@pytest.mark.parametrize("size", [1, 2])
def test_an_event_of_a_later_release_leaves_a_case_where_it_was(
    ledger: SqlLedger, size: int
) -> None:
    """Though it is the last that was seen."""
    history = [event("c1", 1), event("c1", 2, type=STRANGE)]
    ledger.record(history)
    before = told(ledger)

    made_anew(ledger, history, size=size)

    assert told(ledger) == before
    assert len(before[0]) == 1


def test_nobody_is_told_half_of_it(ledger: SqlLedger) -> None:
    """The coverage waits as the other answers do."""
    with ledger.database.writing.begin() as connection:
        connection.execute(sa.update(state_table).values(state=REBUILDING))

    with pytest.raises(RebuildingError):
        ledger.coverage()


ERASED_AND_RATED = [
    event("c1", 1),
    event("c1", 2, "completed"),
    event("c1", 3, "completed", type=ERASED),
    event("c1", 4, "completed", type=RATED, stars=2),
]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_an_erased_case_that_is_rated_stands_nowhere(ledger: SqlLedger, size: int) -> None:
    """Followed or made anew, in batches of any size: an opinion is no place."""
    for begin in range(0, 4, size):
        ledger.record(ERASED_AND_RATED[begin : begin + size])
    assert told(ledger) == [set(), [], []]

    made_anew(ledger, ERASED_AND_RATED, size=size)
    assert told(ledger) == [set(), [], []]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_case_that_is_rated_stays_where_it_was_finished(ledger: SqlLedger, size: int) -> None:
    """Followed or made anew."""
    history = [*ERASED_AND_RATED[:2], event("c1", 3, "completed", type=RATED, stars=5)]
    for begin in range(0, 3, size):
        ledger.record(history[begin : begin + size])
    before = told(ledger)

    made_anew(ledger, history, size=size)

    assert told(ledger) == before
    assert len(before[0]) == 1

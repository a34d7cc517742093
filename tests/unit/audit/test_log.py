"""The log in SQL: one record behind another, each with its place in the tree."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from services.audit import app, domain
from services.audit.domain import DecisionReusedError, merkle
from services.audit.store import SqlLedger, log
from services.audit.store.tables import tiles_table
from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.story import ERASED, GapError
from tests.unit.audit.stories import decision, event, gone


def tell(ledger: SqlLedger, *case_ids: str) -> None:
    ledger.record([event(id_, 1, decision=decision(f"{id_}:1")) for id_ in case_ids])


def whole(ledger: SqlLedger) -> tuple[list[bytes], bytes]:
    """Return all records and the root that the tiles give."""
    with ledger.database.read() as connection:
        size = log.size_of(connection)
        records = list(log.records(connection, 0, size))
        return records, merkle.root(size, log.node_in(connection))


def root_of(records: list[bytes]) -> bytes:
    frontier = merkle.Frontier()
    for record in records:
        frontier.add(merkle.leaf_hash(record))
    return frontier.root()


def test_every_decision_has_its_record(ledger: SqlLedger) -> None:
    """In the order it was told; an event without a decision has none."""
    ledger.record([event("c1", 1, decision=decision("d1")), gone("c1", 2)])
    ledger.record([event("c1", 3, decision=decision("d3"))])

    records, root = whole(ledger)

    assert [domain.decode(record)["case_version"] for record in records] == [1, 3]
    assert root == root_of(records)


def test_the_tree_grows_over_batches(ledger: SqlLedger) -> None:
    """Over the borders of tiles, the root is that of the records one by one."""
    for begin in range(0, 700, 175):
        tell(ledger, *(f"c{n}" for n in range(begin, begin + 175)))

    records, root = whole(ledger)

    assert len(records) == 700
    assert root == root_of(records)


def test_a_repeated_batch_adds_nothing(ledger: SqlLedger) -> None:
    """Events come at least once; records stand once."""
    tell(ledger, "c1", "c2")
    before = whole(ledger)

    tell(ledger, "c1", "c2")

    assert whole(ledger) == before


@pytest.mark.parametrize(
    ("batch", "error"),
    [
        ([event("c3", 1, decision=decision("c1:1"))], DecisionReusedError),
        ([event("c3", 1, decision=decision("d3")), event("c4", 2)], GapError),
    ],
)
def test_a_batch_that_is_refused_leaves_no_hole(
    ledger: SqlLedger, batch: list[domain.CaseEvent], error: type[Exception]
) -> None:
    """The next record comes right behind the last good one."""
    tell(ledger, "c1")
    with pytest.raises(error):
        ledger.record(batch)

    tell(ledger, "c2")

    records, root = whole(ledger)
    assert [domain.decode(record)["case"] for record in records] == ["c1", "c2"]
    assert root == root_of(records)


def test_two_members_append_to_one_log(settings: Settings) -> None:
    """Each place is taken once, and none is left out."""
    members = [SqlLedger(open_database(settings, "audit", app.MIGRATIONS)) for _ in range(2)]

    def work(member: int) -> None:
        for n in range(30):
            tell(members[member], *(f"{member}-{n}-{i}" for i in range(5)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))

    records, root = whole(members[0])
    assert len({domain.decode(record)["case"] for record in records}) == 300
    assert root == root_of(records)
    for member in members:
        member.database.close()


def test_an_erased_case_keeps_its_record_and_nothing_else(ledger: SqlLedger) -> None:
    """Analysts are told of it no more; what is sealed stays sealed."""
    tell(ledger, "c1")
    before = whole(ledger)

    ledger.record([event("c1", 2, "completed", type=ERASED)])

    assert ledger.decisions("c1") == []
    assert ledger.coverage() == ([], [])
    assert whole(ledger) == before


def test_a_full_tile_is_never_written_again(ledger: SqlLedger) -> None:
    """Only the last one of each level grows."""
    tell(ledger, *(f"c{n}" for n in range(256)))
    first = sa.select(tiles_table.c.hashes).where(
        tiles_table.c.level == 0, tiles_table.c.number == 0
    )
    with ledger.database.read() as connection:
        before = connection.execute(first).scalar_one()

    tell(ledger, "d1")

    with ledger.database.read() as connection:
        assert connection.execute(first).scalar_one() == before

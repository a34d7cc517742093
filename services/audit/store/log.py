"""The append-only log in SQL: records, and the tiles of the Merkle tree over them.

Whoever appends locks the one row of the head until its transaction ends, so records come one
behind another without a gap, whatever is killed when: record, tiles and size commit together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from services.audit.domain import merkle
from services.audit.domain.merkle import Node, Tile
from services.audit.store.tables import head_table, records_table, tiles_table
from services.chassis import sql

# Each made once: to build a statement costs more than to run it.
LOCK_HEAD = sa.select(head_table.c.size).where(head_table.c.id == 1).with_for_update()
SIZE = sa.select(head_table.c.size).where(head_table.c.id == 1)
MOVE_HEAD = sa.update(head_table).where(head_table.c.id == 1).values(size=sa.bindparam("now"))
TILE = sa.select(tiles_table.c.hashes).where(
    tiles_table.c.level == sa.bindparam("of_level"), tiles_table.c.number == sa.bindparam("of")
)
RANGE = (
    sa.select(records_table.c.record)
    .where(records_table.c.leaf_index >= sa.bindparam("begin"))
    .where(records_table.c.leaf_index < sa.bindparam("end"))
    .order_by(records_table.c.leaf_index)
)
READ_AT_ONCE = 16 * merkle.TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Entry:
    """A record to append, and what it is found by."""

    case_id: str
    case_version: int
    decision_id: str
    record: bytes


def append(connection: sa.Connection, entries: Sequence[Entry]) -> int:
    """Put records behind the others; return how many there are now."""
    size = int(connection.execute(LOCK_HEAD).scalar_one())
    if not entries:
        return size
    rows = [
        {
            "leaf_index": index,
            "case_id": entry.case_id,
            "case_version": entry.case_version,
            "decision_id": entry.decision_id,
            "record": entry.record,
        }
        for index, entry in enumerate(entries, size)
    ]
    sql.add(connection, records_table, rows)
    leaves = [merkle.leaf_hash(entry.record) for entry in entries]
    changed = merkle.grow(size, lambda tile: read_tile(connection, tile), leaves)
    tiles = [
        {"level": level, "number": number, "hashes": hashes}
        for (level, number), hashes in changed.items()
    ]
    sql.replace(connection, tiles_table, tiles)
    connection.execute(MOVE_HEAD, {"now": size + len(entries)})
    return size + len(entries)


def size_of(connection: sa.Connection) -> int:
    """Return how many records there are."""
    return int(connection.execute(SIZE).scalar_one())


def read_tile(connection: sa.Connection, tile: Tile) -> bytes:
    """Return a tile as far as it is filled."""
    level, number = tile
    return bytes(connection.execute(TILE, {"of_level": level, "of": number}).scalar_one())


def node_in(connection: sa.Connection) -> Node:
    """Return how to find the nodes of the tree."""
    return merkle.node_of(lambda tile: read_tile(connection, tile))


def records(connection: sa.Connection, begin: int, end: int) -> Iterator[bytes]:
    """Give the records from one place to another, in order, a few at a time."""
    for first in range(begin, end, READ_AT_ONCE):
        wanted = {"begin": first, "end": min(end, first + READ_AT_ONCE)}
        yield from (bytes(row.record) for row in connection.execute(RANGE, wanted))

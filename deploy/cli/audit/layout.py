"""The log as files, after C2SP tlog-tiles: a checkpoint, tiles of hashes, bundles of records."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from services.audit.domain import merkle
from services.audit.domain.merkle import TILE_WIDTH, Tile
from services.audit.store import log
from services.chassis.wholefile import whole

File = tuple[str, bytes]
"""The name of a file, and what is in it."""

CHECKPOINT = "checkpoint"
KEYS = "keys"
GROWING = frozenset({CHECKPOINT, KEYS})
"""Files that are written anew; tiles never change."""
LENGTH_BYTES = 2


def path_of(kind: str, number: int, width: int) -> str:
    """Return the path of a tile or bundle: `tile/0/x001/067`, or `….p/5` of a partial one."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[begin : begin + 3] for begin in range(0, len(digits), 3)]
    place = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"tile/{kind}/{place}" + (f".p/{width}" if width < TILE_WIDTH else "")


def rows(size: int) -> Iterator[tuple[int, int]]:
    """Give the number of every bundle of records, and how many it holds."""
    for number in range(-(-size // TILE_WIDTH)):
        yield number, min(TILE_WIDTH, size - number * TILE_WIDTH)


def record_files(connection: sa.Connection, size: int) -> Iterator[File]:
    """Give every tile of leaf hashes with the records behind it, in order."""
    records = log.records(connection, 0, size)
    for number, width in rows(size):
        yield path_of("0", number, width), tile_at(connection, (0, number), width)
        bundle = b"".join(framed(next(records)) for _ in range(width))
        yield path_of("entries", number, width), bundle


def upper_files(connection: sa.Connection, size: int) -> Iterator[File]:
    """Give every tile above the leaves."""
    for (level, number), width in merkle.tiles(size):
        if level:
            tile = tile_at(connection, (level, number), width)
            yield path_of(str(level), number, width), tile


def tile_at(connection: sa.Connection, tile: Tile, width: int) -> bytes:
    """Return a tile as it was when it held so many hashes."""
    return log.read_tile(connection, tile)[: width * merkle.HASH_BYTES]


def framed(record: bytes) -> bytes:
    """Return a record behind its length."""
    return len(record).to_bytes(LENGTH_BYTES, "big") + record


def unframed(bundle: bytes) -> list[bytes]:
    """Return the records of a bundle; raises ValueError where it is cut off."""
    found, begin, end = [], 0, len(bundle)
    while begin < end:
        first = begin + LENGTH_BYTES
        begin = first + int.from_bytes(bundle[begin:first], "big")
        if begin > end:
            raise ValueError("a record is cut off")
        found.append(bundle[first:begin])
    return found


def write(folder: Path, files: Iterable[File]) -> int:
    """Write files into a folder, but those that are there already; return how many were new.

    The checkpoint comes last, so that who reads meanwhile finds all it names.
    """
    written = 0
    for name, content in files:
        path = folder / name
        if name in GROWING or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole(path) as fresh:
                fresh.write_bytes(content)
            written += 1
    return written


def tiles_in(folder: Path, size: int) -> merkle.Node:
    """Return how to find the nodes of a tree of a size in files."""
    widths = dict(merkle.tiles(size))

    def tile(wanted: Tile) -> bytes:
        level, number = wanted
        return (folder / path_of(str(level), number, widths[wanted])).read_bytes()

    return merkle.node_of(tile)

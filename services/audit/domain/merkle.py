"""The Merkle tree of RFC 9162, section 2.1: hashes, proofs, and how others check them.

The tree is kept as tiles (C2SP tlog-tiles): a tile of level l holds the hashes of 256 subtrees
of 256**l leaves each. What is asked here of a tree is `node(level, index)`: the hash of the
complete subtree over the leaves from index * 2**level on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_HEIGHT = 8
TILE_BYTES = TILE_WIDTH * HASH_BYTES
EMPTY_ROOT = sha256().digest()

Node = Callable[[int, int], bytes]
Tile = tuple[int, int]
"""The level and the number of a tile."""


def leaf_hash(record: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\0" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its children."""
    return sha256(b"\1" + left + right).digest()


def root(size: int, node: Node) -> bytes:
    """Return the root of the tree of the first leaves."""
    return _span(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return what shows that a leaf is in a tree of so many leaves (2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _half(end - begin)
        if index < middle:
            proof.append(_span(middle, end, node))
            end = middle
        else:
            proof.append(_span(begin, middle, node))
            begin = middle
    return proof[::-1]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """Return what shows that the smaller tree is the beginning of the larger (2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError(f"no tree of {first} leaves begins one of {second}")
    proof: list[bytes] = []
    begin, end, whole = 0, second, True
    while first < end:
        middle = begin + _half(end - begin)
        if first <= middle:
            proof.append(_span(middle, end, node))
            end = middle
        else:
            proof.append(_span(begin, middle, node))
            begin, whole = middle, False
    if not whole:
        proof.append(_span(begin, end, node))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Tell whether a proof shows that a leaf's hash is in the tree of this root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == expected


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Tell whether a proof shows that one tree is the beginning of the other (2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    return _led_to(first, second, proof, first_root) == (first_root, second_root)


def disproves_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Tell whether a proof shows that one tree is not the beginning of the other.

    All its hashes are under the larger root: where they lead to it, they lead to the root of its
    own beginning as well. A proof that does not lead to the larger root shows nothing at all.
    """
    if not 0 < first < second:
        return False
    led_to = _led_to(first, second, proof, first_root)
    return led_to is not None and led_to[1] == second_root and led_to[0] != first_root


def _led_to(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes
) -> tuple[bytes, bytes] | None:
    """Return the roots of both trees by a proof; of a full first tree its own root is a step."""
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    # Of other lengths, two hashes beside each other could be told apart in more than one way.
    if not path or any(len(step) != HASH_BYTES for step in path):
        return None
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return (before, after) if last == 0 else None


def grow(size: int, tail: Callable[[Tile], bytes], leaves: Sequence[bytes]) -> Mapping[Tile, bytes]:
    """Return the tiles that change when hashes of leaves come behind a tree of so many.

    `tail` gives a tile that is begun. Only the last tile of each level is ever written again.
    """
    changed: dict[Tile, bytes] = {}
    coming, level = b"".join(leaves), 0
    while coming:
        number, filled = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
        row = (tail((level, number))[: filled * HASH_BYTES] if filled else b"") + coming
        above = []
        for begin in range(0, len(row), TILE_BYTES):
            tile = row[begin : begin + TILE_BYTES]
            changed[level, number + begin // TILE_BYTES] = tile
            if len(tile) == TILE_BYTES:
                above.append(subtree(split(tile)))
        coming, level = b"".join(above), level + 1
    return changed


def node_of(tile: Callable[[Tile], bytes]) -> Node:
    """Return how to find nodes in tiles; each tile is asked for once."""
    known: dict[Tile, list[bytes]] = {}

    def node(level: int, index: int) -> bytes:
        tall, within = divmod(level, TILE_HEIGHT)
        number, begin = divmod(index << within, TILE_WIDTH)
        if (tall, number) not in known:
            known[tall, number] = split(tile((tall, number)))
        return subtree(known[tall, number][begin : begin + (1 << within)])

    return node


def tiles(size: int) -> Iterator[tuple[Tile, int]]:
    """Give every tile of a tree of so many leaves, and how many hashes it holds."""
    level = 0
    while count := size >> (TILE_HEIGHT * level):
        for number in range(-(-count // TILE_WIDTH)):
            yield (level, number), min(TILE_WIDTH, count - number * TILE_WIDTH)
        level += 1


def subtree(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over a full row of hashes: one, two, four and so on."""
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise ValueError("a complete subtree has 1, 2, 4 … hashes")
    row = hashes
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]


def split(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    return [tile[begin : begin + HASH_BYTES] for begin in range(0, len(tile), HASH_BYTES)]


class Frontier:
    """The root of a tree that grows leaf by leaf, in the memory of a few hashes."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Put the hash of a leaf behind."""
        carried, place = leaf, self.size
        while place & 1:
            carried = sha256(b"\1" + self._peaks.pop() + carried).digest()
            place >>= 1
        self._peaks.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        found = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            found = node_hash(peak, found)
        return found


def _half(count: int) -> int:
    """Return the largest power of two below a count above one."""
    return 1 << ((count - 1).bit_length() - 1)


def _span(begin: int, end: int, node: Node) -> bytes:
    """Return the root over leaves from a place that is a multiple of the largest part."""
    parts = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        parts.append(node(level, begin >> level))
        begin += 1 << level
    found = parts[-1]
    for part in parts[-2::-1]:
        found = node_hash(part, found)
    return found

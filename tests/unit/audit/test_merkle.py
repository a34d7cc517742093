"""The tree of RFC 9162, against published vectors and against its own definition."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.domain import merkle
from tests.vectors import CONSISTENCY, EMPTY, INCLUSION, LEAVES, ROOTS


class Tree:
    """A tree in the tiles of a dictionary."""

    def __init__(self) -> None:
        self.tiles: dict[merkle.Tile, bytes] = {}
        self.size = 0

    def grow(self, leaves: Sequence[bytes]) -> None:
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        self.tiles |= merkle.grow(self.size, self.tiles.__getitem__, hashes)
        self.size += len(leaves)

    @property
    def node(self) -> merkle.Node:
        return merkle.node_of(self.tiles.__getitem__)


def tree(leaves: Sequence[bytes]) -> Tree:
    grown = Tree()
    grown.grow(leaves)
    return grown


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def defined(leaves: Sequence[bytes]) -> bytes:
    """The definition of section 2.1.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1" + defined(leaves[:half]) + defined(leaves[half:])).digest()


BIG = tree(numbered(70_000))


def test_the_empty_root_is_the_published_one() -> None:
    """The hash of nothing."""
    assert merkle.root(0, BIG.node).hex() == EMPTY


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    """Of the first 1 to 8 leaves, each also out of the tree of all."""
    assert merkle.root(size, tree(LEAVES).node).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    """Hash by hash."""
    found = merkle.inclusion_proof(index, size, tree(LEAVES).node)

    assert [one.hex() for one in found] == INCLUSION[index, size]


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(first: int, second: int) -> None:
    """Hash by hash."""
    found = merkle.consistency_proof(first, second, tree(LEAVES).node)

    assert [one.hex() for one in found] == CONSISTENCY[first, second]


@given(st.lists(st.binary(max_size=4), max_size=600), st.integers(1, 300))
def test_a_tree_is_the_same_however_it_grew(leaves: list[bytes], step: int) -> None:
    """In batches, leaf by leaf, or by the definition."""
    grown, frontier = Tree(), merkle.Frontier()
    for begin in range(0, len(leaves), step):
        grown.grow(leaves[begin : begin + step])
    for leaf in leaves:
        frontier.add(merkle.leaf_hash(leaf))

    assert grown.tiles == (tree(leaves).tiles if leaves else {})
    assert merkle.root(grown.size, grown.node) == frontier.root() == defined(leaves)


@given(st.integers(1, 70_000), st.data())
def test_every_leaf_is_shown_to_be_in_every_tree(size: int, data: st.DataObject) -> None:
    """A proof of the right leaf passes; of another leaf or place it does not."""
    index = data.draw(st.integers(0, size - 1))
    leaf, root = merkle.leaf_hash(str(index).encode()), merkle.root(size, BIG.node)
    proof = merkle.inclusion_proof(index, size, BIG.node)

    assert len(proof) <= 17
    assert merkle.verify_inclusion(leaf, index, size, proof, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaf, size, size, proof, root)
    assert not merkle.verify_inclusion(leaf, index, size, [*proof, root], root)


@given(st.integers(1, 70_000), st.data())
def test_every_tree_is_shown_to_begin_every_later_one(second: int, data: st.DataObject) -> None:
    """And a root that is not its own, or a proof with a bit turned, is refused."""
    first = data.draw(st.integers(1, second))
    roots = merkle.root(first, BIG.node), merkle.root(second, BIG.node)
    proof = merkle.consistency_proof(first, second, BIG.node)

    assert merkle.verify_consistency(first, second, proof, *roots)
    assert not merkle.verify_consistency(first, second, proof, merkle.EMPTY_ROOT, roots[1])
    assert not merkle.verify_consistency(first, second, proof, roots[0], merkle.EMPTY_ROOT)
    for place, step in enumerate(proof):
        turned = [*proof[:place], bytes([step[0] ^ 1]) + step[1:], *proof[place + 1 :]]
        assert not merkle.verify_consistency(first, second, turned, *roots)


@given(st.integers(2, 70_000), st.data())
def test_only_a_proof_that_leads_to_the_larger_root_disproves(
    second: int, data: st.DataObject
) -> None:
    """Another root of the beginning is disproved by the right proof, and by no damaged one."""
    first = data.draw(st.integers(1, second - 1).filter(lambda size: size & (size - 1)))
    root, larger = merkle.root(first, BIG.node), merkle.root(second, BIG.node)
    proof = merkle.consistency_proof(first, second, BIG.node)

    def disproves(proof: Sequence[bytes], root: bytes) -> bool:
        return merkle.disproves_consistency(first, second, proof, root, larger)

    assert disproves(proof, merkle.EMPTY_ROOT)
    assert not disproves(proof, root)
    for place, step in enumerate(proof):
        turned = [*proof[:place], bytes([step[0] ^ 1]) + step[1:], *proof[place + 1 :]]
        assert not disproves(turned, merkle.EMPTY_ROOT)
        assert not disproves(proof[:place], merkle.EMPTY_ROOT)


def test_a_proof_cut_elsewhere_disproves_nothing() -> None:
    """Two hashes beside each other give the same node wherever the cut between them is."""
    proof = merkle.consistency_proof(3, 4, BIG.node)
    moved = [proof[0][:31], proof[0][31:] + proof[1], *proof[2:]]
    roots = merkle.root(3, BIG.node), merkle.root(4, BIG.node)

    assert merkle.verify_consistency(3, 4, proof, *roots)
    assert not merkle.disproves_consistency(3, 4, moved, *roots)


def test_tiles_are_those_of_the_published_example() -> None:
    """C2SP tlog-tiles: a tree of 70,000 has 273 + 1 tiles below, 2 above, and 1 at the top."""
    found = dict(merkle.tiles(70_000))

    assert [sum(tile[0] == level for tile in found) for level in range(4)] == [274, 2, 1, 0]
    assert (found[0, 273], found[1, 1], found[2, 0]) == (112, 17, 1)
    assert {tile: len(hashes) // 32 for tile, hashes in BIG.tiles.items()} == found


def test_a_leaf_cannot_be_taken_for_a_node() -> None:
    """Hashes of leaves and of nodes begin differently."""
    left, right = b"a" * 32, b"b" * 32

    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize(("index", "size"), [(1, 1), (-1, 1), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    """And is not looked for."""
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, BIG.node)

"""Whether a record is in the log, worked out here step by step, as RFC 9162 (2.1.3.2) says.

The pages show the steps, and the script of the page does the same again in the browser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gateway.pages.analyst.signing import decoded


@dataclass(frozen=True, slots=True)
class Step:
    """One hash on the way to the root."""

    is_left: bool
    """Whether the hash of the proof stands on the left."""
    other: str
    result: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The way from a record to the root of the tree, and whether it gets there."""

    index: int
    record: str
    leaf: str
    steps: Sequence[Step]
    root: str
    is_in_log: bool


def check(proof: Any, checkpoint: Any) -> Checked:
    """Work out where a proof leads, and whether that is the root that the checkpoint signs."""
    leaf = sha256(b"\0" + proof.record.encode()).digest()
    place, last, found = proof.leaf_index, checkpoint.size - 1, leaf
    steps: list[Step] = []
    is_whole = 0 <= place <= last
    for other in _hashes(proof.hashes):
        is_whole = is_whole and last > 0
        is_left = bool(place & 1) or place == last
        found = sha256(b"\1" + (other + found if is_left else found + other)).digest()
        while is_left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
        steps.append(Step(is_left, other.hex(), found.hex()))
    reaches = is_whole and last == 0 and found == _root(checkpoint)
    return Checked(proof.leaf_index, proof.record, leaf.hex(), steps, found.hex(), reaches)


def _hashes(hashes: Sequence[str]) -> list[bytes]:
    return [decoded(one) for one in hashes]


def _root(checkpoint: Any) -> bytes:
    return decoded(checkpoint.root_hash)

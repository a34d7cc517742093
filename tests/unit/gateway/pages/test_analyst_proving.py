"""RFC 9162 and signed notes, worked out by the log and by its page: both to published vectors."""

import base64
from collections.abc import Callable, Sequence

import pytest

from gateway.pages.analyst.proving import check
from gateway.pages.analyst.signing import signer_of
from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit.domain import merkle
from services.audit.domain.checkpoints import NoteError, read_key, read_note
from services.audit.store.notes import signed_by
from tests.vectors import INCLUSION, KEY, LEAVES, ROOTS, SIGNED

Shows = Callable[[int, int, bytes, Sequence[str], str], bool]
Signed = Callable[[str, str], bool]

OTHER_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
"""The other key that is published with the note."""
OTHER_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox"
    "33WWd1RvMc+QQ=\n"
)


def log_shows(index: int, size: int, record: bytes, hashes: Sequence[str], root: str) -> bool:
    proof = [bytes.fromhex(one) for one in hashes]
    leaf = merkle.leaf_hash(record)
    return merkle.verify_inclusion(leaf, index, size, proof, bytes.fromhex(root))


def page_shows(index: int, size: int, record: bytes, hashes: Sequence[str], root: str) -> bool:
    proof = pb.InclusionProof(
        leaf_index=index, record=record.decode(), hashes=[coded(one) for one in hashes]
    )
    return check(proof, pb.Checkpoint(size=size, root_hash=coded(root))).is_in_log


def coded(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


def log_says(note: str, key: str) -> bool:
    try:
        return bool(signed_by(read_note(note), [read_key(key)]))
    except NoteError:
        return False


def page_says(note: str, key: str) -> bool:
    return signer_of(pb.Checkpoint(note=note, keys=[key])) == key


def turned(text: str) -> str:
    """Turn the first bit of a hash."""
    return f"{int(text[0], 16) ^ 8:x}{text[1:]}"


def above(root: str) -> str:
    """Return where one hash more leads: the root beside itself."""
    return merkle.node_hash(bytes.fromhex(root), bytes.fromhex(root)).hex()


both_show = pytest.mark.parametrize("shows", [log_shows, page_shows])
both_say = pytest.mark.parametrize("says", [log_says, page_says])
every_proof = pytest.mark.parametrize(("index", "size"), INCLUSION)


@both_show
@every_proof
def test_a_published_proof_shows_that_a_record_is_in_the_log(
    shows: Shows, index: int, size: int
) -> None:
    """Whoever works it out."""
    assert shows(index, size, LEAVES[index], INCLUSION[index, size], ROOTS[size - 1])


@both_show
@every_proof
def test_a_proof_with_anything_changed_shows_nothing(shows: Shows, index: int, size: int) -> None:
    """Record, place, size, root, a hash, a hash less, or one more."""
    record, proof, root = LEAVES[index], INCLUSION[index, size], ROOTS[size - 1]

    assert not shows(index, size, record + b" ", proof, root)
    assert not shows(index, size, record, proof, turned(root))
    assert not shows(size, size, record, proof, root)
    assert not shows(index, 2 * size + 1, record, proof, root)
    assert not shows(index, size, record, [*proof, root], above(root))
    for at, one in enumerate(proof):
        assert not shows(index, size, record, [*proof[:at], turned(one), *proof[at + 1 :]], root)
        assert not shows(index, size, record, [*proof[:at], *proof[at + 1 :]], root)


@both_say
@pytest.mark.parametrize(
    ("note", "key"),
    [(SIGNED, KEY), (SIGNED + OTHER_LINE, KEY), (SIGNED + OTHER_LINE, OTHER_KEY)],
)
def test_a_published_note_was_signed_by_its_keys(says: Signed, note: str, key: str) -> None:
    """By one alone, and by both."""
    assert says(note, key)


@both_say
@pytest.mark.parametrize(
    ("note", "key"),
    [
        (SIGNED, OTHER_KEY),
        (SIGNED.replace("answer", "question"), KEY),
        (SIGNED.replace("— PeterNeumann", "— EnochRoot"), KEY),
        (SIGNED.replace("x08go/ZJ", "x08go/ZK"), KEY),
        (SIGNED.replace("x08go/", "y08go/"), KEY),
        (SIGNED.replace("\n\n", "\n"), KEY),
        (SIGNED, KEY.replace("c74f20a3", "c74f20a4")),
        (SIGNED, KEY.replace("PeterNeumann", "EnochRoot")),
        (SIGNED, KEY.replace("ARpc", "ARpd")),
    ],
)
def test_a_note_with_anything_changed_was_signed_by_nobody(
    says: Signed, note: str, key: str
) -> None:
    """Text, name, signature, id of the key, or the key."""
    assert not says(note, key)

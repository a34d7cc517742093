"""Signed notes and checkpoints, as others write and read them."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from services.audit.domain.checkpoints import (
    COSIGNATURE,
    Checkpoint,
    Note,
    NoteError,
    is_due,
    read_key,
    read_note,
)
from services.audit.store.keys import LogKeys
from services.audit.store.notes import Signer, signed_by
from tests.vectors import KEY, PRIVATE, SIGNED, TEXT

# The example of C2SP tlog-cosignature.
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrD"
    "JsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
CHECKPOINT = Checkpoint("qyzmet.test/log", 7, b"r" * 32)
LOG = Signer("qyzmet.test/log", b"l" * 32)
WITNESS = Signer("ministry.test/witness", b"w" * 32, COSIGNATURE)


def signed(*signers: Signer) -> Note:
    text = CHECKPOINT.text()
    return Note(text, [signer.sign(text) for signer in signers])


def test_the_published_note_verifies() -> None:
    """Under the published key."""
    key = read_key(KEY)

    assert signed_by(read_note(SIGNED), [key]) == [key]
    assert key.text() == KEY


def test_we_sign_as_the_published_signer_did() -> None:
    """Ed25519 has one signature of a text, so the note is the same to the last letter."""
    signer = Signer("PeterNeumann", base64.b64decode(PRIVATE)[1:])

    assert Note(TEXT, [signer.sign(TEXT)]).whole() == SIGNED
    assert signer.public.text() == KEY


def test_the_published_checkpoint_is_read() -> None:
    """With its witness, whose cosignature begins with the time of the example."""
    note = read_note(COSIGNED)

    assert note.checkpoint().size == 20852163
    assert note.signatures[1].name == "witness.example.com/w1"
    assert int.from_bytes(note.signatures[1].content[:8], "big") == 1679315147
    assert note.whole() == COSIGNED


def test_a_checkpoint_is_what_was_signed() -> None:
    """Written and read again."""
    note = read_note(signed(LOG).whole())

    assert note.checkpoint() == CHECKPOINT
    assert signed_by(note, [LOG.public]) == [LOG.public]


def test_another_text_is_not_what_was_signed() -> None:
    """One more record in the same note."""
    altered = replace(signed(LOG), text=replace(CHECKPOINT, size=8).text())

    assert signed_by(altered, [LOG.public]) == []


def test_a_key_of_the_same_name_is_not_the_signer() -> None:
    """Names are anybody's; keys are not."""
    assert signed_by(signed(Signer("qyzmet.test/log", b"x" * 32)), [LOG.public]) == []


def test_a_witness_cosigns_with_its_time() -> None:
    """Another time under the same signature does not hold."""
    note = signed(LOG)
    cosignature = WITNESS.cosign(note.text, 1_800_000_000)
    moved = replace(cosignature, content=bytes(8) + cosignature.content[8:])

    assert signed_by(Note(note.text, [cosignature]), [WITNESS.public]) == [WITNESS.public]
    assert signed_by(Note(note.text, [moved]), [WITNESS.public]) == []


def test_a_signature_is_no_cosignature() -> None:
    """The key of one kind is not taken for one of the other."""
    as_log = replace(WITNESS.public, kind=1)

    assert as_log.key_id != WITNESS.public.key_id
    assert signed_by(signed(Signer(WITNESS.public.name, b"w" * 32)), [WITNESS.public]) == []


@pytest.mark.parametrize(
    "whole",
    ["", "text\n", "text\n\n", "text\n\n- name AAAA\n", "text\n\n— name !\n", "\n\n— n AAAAAAAA\n"],
)
def test_what_is_no_note_is_refused(whole: str) -> None:
    """In words, not by a crash."""
    with pytest.raises(NoteError):
        read_note(whole)


@pytest.mark.parametrize(
    "text", ["a\n1\nAA==\n", "a\n01\n" + "A" * 43 + "=\n", "a\nx\nAA==\n", "a\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A note of another kind may be signed by the same key."""
    with pytest.raises(NoteError):
        Note(text, []).checkpoint()


@pytest.mark.parametrize("key", ["", "a+b", KEY.replace("c74f", "c74e"), KEY[:-4]])
def test_a_key_that_does_not_fit_its_id_is_refused(key: str) -> None:
    """A letter that was mistyped is noticed."""
    with pytest.raises(NoteError):
        read_key(key)


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """Every process signs with the same."""
    first, again = (LogKeys(tmp_path, "a").signers() for _ in range(2))

    assert [one.public for one in first] == [one.public for one in again]
    assert (tmp_path / "log-1.key").stat().st_mode & 0o777 == 0o600


def test_after_a_rotation_both_keys_sign(tmp_path: Path) -> None:
    """Who knows the old key still verifies, and the new one has an id of its own."""
    keys = LogKeys(tmp_path, "qyzmet.test/log")
    (old,) = keys.signers()

    new = keys.rotate()

    assert new.public.key_id != old.public.key_id
    note = signed(*keys.signers())
    assert signed_by(note, [old.public]) == [old.public]
    assert signed_by(note, [new.public]) == [new.public]


def test_a_retired_key_signs_no_more(tmp_path: Path) -> None:
    """Its file is gone; what it signed verifies under its public key as ever."""
    keys = LogKeys(tmp_path, "qyzmet.test/log")
    (old,) = keys.signers()
    before = signed(*keys.signers())
    keys.rotate()
    (tmp_path / "log-1.key").unlink()

    assert signed_by(signed(*keys.signers()), [old.public]) == []
    assert signed_by(before, [old.public]) == [old.public]
    assert old.public in keys.public()


@pytest.mark.parametrize(
    ("size", "sealed", "waited", "due"),
    [
        (0, 0, 99, False),
        (5, 5, 99, False),
        (6, 5, 9, False),
        (6, 5, 10, True),
        (105, 5, 0, True),
    ],
)
def test_a_checkpoint_is_due_after_records_or_time(
    size: int, sealed: int, waited: float, due: bool
) -> None:
    """A hundred records or ten seconds; an idle log signs nothing."""
    assert is_due(size, sealed, waited, records=100, seconds=10) is due

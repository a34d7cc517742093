"""An outsider cosigns what fits to what they signed, and keeps the evidence of what does not."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deploy.cli.audit import bundle, layout
from deploy.cli.audit.verify import verify
from deploy.cli.audit.witness import (
    ContradictionError,
    NoLogError,
    OlderCheckpointError,
    UnprovenError,
    UntrustedLogError,
    Witness,
    source_of,
)
from services.audit.domain.checkpoints import read_note
from services.audit.store.notes import signed_by
from services.chassis.errors import InvalidError, UnavailableError
from tests.unit.cli.logs import Log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    grown = Log(tmp_path / "log")
    grown.grow(0, 10)
    yield grown
    grown.database.close()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness("ministry.test/w1", tmp_path / "witness")


@dataclass
class Web:
    """A server that shows pages by their path, whatever is asked of them."""

    url: str
    pages: dict[str, str]


@pytest.fixture
def web() -> Iterator[Web]:
    pages: dict[str, str] = {}

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(pages[self.path.partition("?")[0]].encode())

        def log_message(self, *_: object) -> None:
            """Say nothing in the output of tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Web(f"http://127.0.0.1:{server.server_port}", pages)
        server.shutdown()
        thread.join()


def export(log: Log, folder: Path) -> str:
    layout.write(folder, bundle.log_files(log.database, log.keys))
    return str(folder)


def test_the_first_checkpoint_is_cosigned(log: Log, witness: Witness, tmp_path: Path) -> None:
    """With the witness's own key, beside the log's."""
    found = witness.cosign(source_of(export(log, tmp_path / "out")), 1_800_000_000)

    assert signed_by(found, [witness.signer().public])
    assert signed_by(found, log.keys.public())


def test_a_log_that_grew_is_cosigned_again(log: Log, witness: Witness, tmp_path: Path) -> None:
    """The old checkpoint is shown to be its beginning, from the exported tiles alone."""
    witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    log.grow(10, 400)

    found = witness.cosign(source_of(export(log, tmp_path / "out")), 2)

    assert found.checkpoint().size == 400


def test_a_cosigned_checkpoint_can_be_trusted(log: Log, witness: Witness, tmp_path: Path) -> None:
    """It is what `verify --trusted` takes."""
    cosigned = witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    log.grow(10, 20)

    assert verify(log.files(), read_note(cosigned.whole())).is_good


@pytest.mark.parametrize(("upto", "why"), [(10, "two trees of 10"), (30, "not the beginning")])
def test_a_contradiction_is_kept_as_evidence(
    log: Log, witness: Witness, tmp_path: Path, upto: int, why: str
) -> None:
    """Both checkpoints, as the log signed them; and nothing is cosigned."""
    before = witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    other = Log(tmp_path / "other")
    other.keys = log.keys
    object.__setattr__(other._sealing, "keys", log.keys)
    other.grow(0, upto, "x")

    with pytest.raises(ContradictionError, match=why):
        witness.cosign(source_of(export(other, tmp_path / "forged")), 2)

    (evidence,) = (json.loads(path.read_text()) for path in witness.folder.glob("evidence-*"))
    for told in (evidence["before"], evidence["now"]):
        assert signed_by(read_note(told), log.keys.public())
    assert witness._last(before.checkpoint().origin) == before
    other.database.close()


@pytest.mark.parametrize("kind", ["c", "x"], ids=["an older copy", "rolled back"])
def test_a_log_that_shows_less_is_not_called_a_liar(
    log: Log, witness: Witness, tmp_path: Path, kind: str
) -> None:
    """An honest but older copy looks like one that was rolled back; both notes are kept."""
    witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    older = Log(tmp_path / "older")
    older.keys = log.keys
    object.__setattr__(older._sealing, "keys", log.keys)
    older.grow(0, 5, kind)
    source = source_of(export(older, tmp_path / "copy"))

    for time in (2, 3):
        with pytest.raises(UnprovenError, match="shows 5 records where it had signed 10"):
            witness.cosign(source, time)

    assert len(list(witness.folder.glob("unproven-*"))) == 1
    assert not list(witness.folder.glob("evidence-*"))
    older.database.close()


def test_an_older_checkpoint_that_is_shown_to_fit_is_only_older(
    log: Log, witness: Witness, tmp_path: Path
) -> None:
    """As where a mirror has the tiles and not yet their checkpoint: nothing is signed, or kept."""
    old = source_of(export(log, tmp_path / "out"))
    log.grow(10, 20)
    new = source_of(export(log, tmp_path / "out"))
    witness.cosign(new, 1)

    with pytest.raises(OlderCheckpointError):
        witness.cosign(replace(old, consistency=new.consistency), 2)

    assert not list(witness.folder.glob("*.json"))


def test_a_log_that_refuses_to_show_it_leaves_evidence(
    log: Log, witness: Witness, tmp_path: Path
) -> None:
    """Both checkpoints, and what it answered."""
    witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    log.grow(10, 20)
    source = source_of(export(log, tmp_path / "out"))

    def refuse(first: int, second: int) -> list[bytes]:
        raise UnavailableError("400 Bad Request")

    with pytest.raises(UnprovenError):
        witness.cosign(replace(source, consistency=refuse), 2)

    (kept,) = (json.loads(path.read_text()) for path in witness.folder.glob("unproven-*"))
    assert "400 Bad Request" in kept["why"]
    assert [read_note(kept[name]).checkpoint().size for name in ("before", "now")] == [10, 20]


@pytest.mark.parametrize("first", [10, 8], ids=["any size", "a full tree"])
@pytest.mark.parametrize(
    "damaged", [lambda hashes: hashes[:-1], lambda hashes: [b"x" * 32, *hashes[1:]], lambda _: []]
)
def test_a_bad_proof_makes_no_liar_of_a_log(
    tmp_path: Path,
    witness: Witness,
    first: int,
    damaged: Callable[[Sequence[bytes]], Sequence[bytes]],
) -> None:
    """A mirror with a damaged tile, or a line that was cut off: ask again, or another copy."""
    log = Log(tmp_path / "log")
    log.grow(0, first)
    witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    log.grow(first, 21)
    source = source_of(export(log, tmp_path / "out"))
    log.database.close()

    def bad(first: int, second: int) -> Sequence[bytes]:
        return damaged(source.consistency(first, second))

    with pytest.raises(UnprovenError, match="its proof does not hold"):
        witness.cosign(replace(source, consistency=bad), 2)

    assert not list(witness.folder.glob("evidence-*"))
    assert witness.cosign(source, 3).checkpoint().size == 21


def shown(log: Log, folder: Path) -> dict[str, Any]:
    source = source_of(export(log, folder))
    return {"note": source.note, "keys": source.keys}


def test_a_log_that_answers_with_no_proof_leaves_evidence(
    log: Log, witness: Witness, tmp_path: Path, web: Web
) -> None:
    """As behind a proxy that shows a page for everything, with status 200."""
    web.pages["/v1/audit/checkpoint"] = json.dumps(shown(log, tmp_path / "out"))
    witness.cosign(source_of(web.url), 1)
    log.grow(10, 21)
    web.pages["/v1/audit/checkpoint"] = json.dumps(shown(log, tmp_path / "out"))

    for answer in ("<html>", '{"hashes": "none"}', "{}", "[]"):
        web.pages["/v1/audit/consistency"] = answer
        with pytest.raises(UnprovenError, match="not as by a log"):
            witness.cosign(source_of(web.url), 2)

    assert len(list(witness.folder.glob("unproven-*"))) == 1


@pytest.mark.parametrize("answer", ["<html>", "{}", '{"note": 1, "keys": []}', "null"])
def test_what_answers_and_is_no_log_is_told(web: Web, answer: str) -> None:
    """As a wrong address: by a code, in words."""
    web.pages["/v1/audit/checkpoint"] = answer

    with pytest.raises(NoLogError, match="not as by a log"):
        source_of(web.url)


@pytest.mark.parametrize("name", ["Ministry of Justice", "a+b", "", "two\nlines"])
def test_a_name_that_notes_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    """Before a key is made or anything is signed."""
    with pytest.raises(InvalidError, match="no spaces"):
        Witness(name, tmp_path / "witness")

    assert not (tmp_path / "witness").exists()


def test_a_rotated_key_is_followed(log: Log, witness: Witness, tmp_path: Path) -> None:
    """The old key vouches for the new one; then the old may be retired."""
    witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    log.keys.rotate()
    log.grow(10, 20)
    witness.cosign(source_of(export(log, tmp_path / "out")), 2)
    (log.settings.data_dir / "keys" / "log-1.key").unlink()
    log.grow(20, 30)

    assert witness.cosign(source_of(export(log, tmp_path / "out")), 3).checkpoint().size == 30


def test_a_strangers_log_is_not_cosigned(log: Log, witness: Witness, tmp_path: Path) -> None:
    """The same name under another key is not the log that was cosigned first."""
    witness.cosign(source_of(export(log, tmp_path / "out")), 1)
    stranger = Log(tmp_path / "stranger")
    stranger.grow(0, 20)

    with pytest.raises(UntrustedLogError):
        witness.cosign(source_of(export(stranger, tmp_path / "theirs")), 2)
    stranger.database.close()


def test_a_folder_without_a_log_is_told(tmp_path: Path) -> None:
    """In words."""
    with pytest.raises(InvalidError, match="no exported log"):
        source_of(str(tmp_path))

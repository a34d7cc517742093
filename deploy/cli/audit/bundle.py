"""The bundle: one archive that can be read from beginning to end in little memory.

    bundle.json        its form, the log's name and size
    keys               the verifier keys of the log, one a line
    checkpoints.jsonl  checkpoints' notes, one a line, the smallest first: of very many some
    cover              signed: the last checkpoint, and whether a report comes behind the log
    log/checkpoint     the last of them
    log/tile/…         256 leaf hashes, then their 256 records, and so on (C2SP tlog-tiles)

Whatever else an auditor asks for comes in a folder of its own behind the log, `report/`, and last
in it what is signed of it: the SHA-256 of each of its files (dossier.py).
"""

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from deploy.cli.audit import layout
from deploy.cli.audit.layout import File
from services.audit.domain import canonical
from services.audit.domain.checkpoints import Checkpoint, Note, read_note
from services.audit.domain.proofs import NoCheckpointError
from services.audit.store.keys import LogKeys
from services.audit.store.tables import checkpoints_table
from services.chassis.config import Settings
from services.chassis.database import Database, database_of
from services.chassis.errors import InvalidError
from services.chassis.wholefile import whole

FORMAT = 2
MOST_CHECKPOINTS = 1000
"""A slow log signs one every few seconds; each costs a verifier as much as a dozen records."""
AT_ONCE = 1000
FORM = tarfile.USTAR_FORMAT
HEAD = "bundle.json"
KEYS = layout.KEYS
CHECKPOINTS = "checkpoints.jsonl"
COVER = "cover"
COVER_HEAD = "qyzmet audit bundle"
"""The first line of what is signed of the whole: a report cannot be taken away unseen."""
LOG = "log/"
REPORT = "report/"
CONTENTS = f"{REPORT}contents"
REPORT_HEAD = "qyzmet audit report"
"""The first line of what is signed of the report: nobody takes it for a checkpoint."""
NOTES = sa.select(checkpoints_table.c.note).order_by(checkpoints_table.c.size)
LATEST = sa.select(checkpoints_table.c.note).order_by(checkpoints_table.c.size.desc()).limit(1)
COUNT = sa.select(sa.func.count()).select_from(checkpoints_table)


class UnreadableBundleError(InvalidError):
    """This is not a bundle of the log."""

    reason = "NOT_A_BUNDLE"


def write(file: Path, files: Iterable[File]) -> None:
    """Write files as an archive; compressed where the name ends in gz."""
    packed = file.suffix == ".gz"
    with (
        whole(file) as fresh,
        gzip.open(fresh, "wb", compresslevel=1) if packed else fresh.open("wb") as stream,
        tarfile.open(fileobj=stream, mode="w|", format=FORM) as archive,
    ):
        for name, content in files:
            told = tarfile.TarInfo(name)
            told.size = len(content)
            archive.addfile(told, io.BytesIO(content))


def read(file: Path) -> Iterator[File]:
    """Give the files of an archive, one after another."""
    try:
        with tarfile.open(file, "r|*") as archive:
            for told in archive:
                content = archive.extractfile(told)
                if content is not None:
                    yield told.name, content.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UnreadableBundleError(f"{file}: {error}") from error


def files(database: Database, keys: LogKeys, *, with_report: bool = False) -> Iterator[File]:
    """Give the files of a bundle of the log as of its latest checkpoint.

    Where a report comes behind them, that is said and signed before.
    """
    with database.read() as connection:
        notes = _held(connection)
        last = read_note(notes[-1]).checkpoint()
        yield HEAD, head(last, len(notes))
        yield KEYS, "".join(f"{key.text()}\n" for key in keys.public()).encode()
        yield CHECKPOINTS, "".join(f"{line(note)}\n" for note in notes).encode()
        text = cover(last, with_report=with_report)
        yield COVER, Note(text, [one.sign(text) for one in keys.signers()]).whole().encode()
        yield LOG + layout.CHECKPOINT, notes[-1].encode()
        for name, content in layout.record_files(connection, last.size):
            yield LOG + name, content


def _held(connection: sa.Connection) -> Sequence[str]:
    """Return the notes a bundle holds, the last of all among them."""
    count = connection.execute(COUNT).scalar_one()
    rows = connection.execution_options(yield_per=AT_ONCE).execute(NOTES)
    notes = list(thinned((row.note for row in rows), -(-count // MOST_CHECKPOINTS)))
    if not notes:
        raise NoCheckpointError
    return notes


def thinned(notes: Iterable[str], stride: int) -> Iterator[str]:
    """Give every nth note, the last, and those on both sides of a change of keys.

    Without the latter nobody who trusts an old key would learn of the new one. What is left out
    can still be trusted: the records show the tree it signed.
    """
    given, before, signers = "", "", None
    for place, note in enumerate(notes):
        own = {(one.name, one.key_id) for one in read_note(note).signatures}
        is_turn = signers is not None and own != signers
        if is_turn and before != given:
            yield before
        if is_turn or place % stride == 0:
            yield note
            given = note
        before, signers = note, own
    if before != given:
        yield before


def head(last: Checkpoint, count: int) -> bytes:
    """Return what a bundle says of itself, given its last checkpoint and how many there are."""
    told = {"checkpoints": count, "format": FORMAT, "origin": last.origin, "size": last.size}
    return canonical(told)


def cover(last: Checkpoint, *, with_report: bool) -> str:
    """Return what is signed of a bundle: its last checkpoint, and whether it has a report."""
    return f"{COVER_HEAD}\n{last.text()}{'a' if with_report else 'no'} report\n"


def line(note: str) -> str:
    """Return a note as a line."""
    return json.dumps(note, ensure_ascii=False)


def log_files(database: Database, keys: LogKeys) -> Iterator[File]:
    """Give the files of the log by themselves, the checkpoint last."""
    with database.read() as connection:
        note = connection.execute(LATEST).scalar()
        if note is None:
            raise NoCheckpointError
        size = read_note(note).checkpoint().size
        yield from layout.record_files(connection, size)
        yield from layout.upper_files(connection, size)
        yield KEYS, "".join(f"{key.text()}\n" for key in keys.public()).encode()
        yield layout.CHECKPOINT, note.encode()


def opened(settings: Settings) -> closing[Database]:
    """Open the database of audit that the settings name."""
    return closing(database_of(settings, "audit"))


def keys_of(settings: Settings) -> LogKeys:
    """Return the keys of the log that the settings name."""
    return LogKeys(settings.secrets_dir / "audit", settings.log_origin)

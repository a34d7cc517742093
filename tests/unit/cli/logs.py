"""Logs for tests of the offline tools: grown, sealed, and taken as files."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.cli.audit import bundle, layout
from deploy.cli.audit.layout import File
from services.audit import app, events
from services.audit.domain import merkle
from services.audit.domain.checkpoints import Checkpoint, Note, read_note
from services.audit.store import SqlLedger, tables
from services.audit.store.keys import LogKeys
from services.audit.store.sealing import Sealing
from services.chassis.database import open_database
from services.chassis.outbox import Lease
from services.chassis.testing import settings_in
from tests.unit.audit.stories import NOON, decision, event

ORIGIN = "qyzmet.test/log"


def rolled_back(
    files: Sequence[File], size: int, keys: LogKeys, forked_at: int | None = None
) -> Iterator[File]:
    """Give the bundle of the first records alone, signed anew by who holds the keys.

    Forked, one of them says something else, and no checkpoint behind it is kept.
    """
    own = dict(files)
    packed = (content for name, content in files if name.startswith("log/tile/entries/"))
    records = [record for content in packed for record in layout.unframed(content)][:size]
    whole = size
    if forked_at is not None:
        records[forked_at] = records[forked_at].replace(b"MIA", b"MIB")
        whole = min(size, forked_at + 1)
    leaves = [merkle.leaf_hash(record) for record in records]
    frontier = merkle.Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    last = Checkpoint(ORIGIN, size, frontier.root())
    notes = [json.loads(line) for line in own[bundle.CHECKPOINTS].splitlines()]
    kept = [one for one in notes if read_note(one).checkpoint().size < whole]
    signed = [_signed(text, keys) for text in (last.text(), bundle.cover(last, with_report=False))]
    lines = [bundle.line(one) for one in (*kept, signed[0])]
    yield bundle.HEAD, bundle.head(last, len(lines))
    yield bundle.KEYS, own[bundle.KEYS]
    yield bundle.CHECKPOINTS, "".join(f"{line}\n" for line in lines).encode()
    yield bundle.COVER, signed[1].encode()
    yield "log/checkpoint", signed[0].encode()
    for number, width in layout.rows(size):
        here = slice(number * merkle.TILE_WIDTH, number * merkle.TILE_WIDTH + width)
        yield f"log/{layout.path_of('0', number, width)}", b"".join(leaves[here])
        entries = b"".join(map(layout.framed, records[here]))
        yield f"log/{layout.path_of('entries', number, width)}", entries


def _signed(text: str, keys: LogKeys) -> str:
    return Note(text, [signer.sign(text) for signer in keys.signers()]).whole()


class Log:
    """A log in a folder, with keys of its own."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings_in(folder)
        self.database = open_database(self.settings, "audit", app.MIGRATIONS)
        self.keys = LogKeys(folder / "keys", ORIGIN)
        lease = Lease(tables.leases, "signer", "a", 10.0)
        self._sealing = Sealing(
            self.database, self.keys, ORIGIN, events.to_outbox, lambda: NOON, lease, 1, 0
        )

    def grow(self, begin: int, end: int, kind: str = "c") -> str:
        """Seal the decisions on so many cases, and return the checkpoint."""
        told = [
            event(f"{kind}{n}", 1, decision=decision(f"{kind}{n}:1")) for n in range(begin, end)
        ]
        SqlLedger(self.database).record(told)
        signed = self._sealing.seal_if_due(0)
        assert signed is not None
        return signed.note

    def files(self, *, with_report: bool = False) -> Sequence[File]:
        """Return the files of a bundle; of one with a report, those before it."""
        return list(bundle.files(self.database, self.keys, with_report=with_report))

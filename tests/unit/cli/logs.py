"""Logs for tests of the offline tools: grown, sealed, and taken as files."""

from collections.abc import Sequence
from pathlib import Path

from deploy.cli.audit import bundle
from deploy.cli.audit.layout import File
from services.audit import app, events
from services.audit.store import SqlLedger, tables
from services.audit.store.keys import LogKeys
from services.audit.store.sealing import Sealing
from services.chassis.database import open_database
from services.chassis.outbox import Lease
from services.chassis.testing import settings_in
from tests.unit.audit.stories import NOON, decision, event

ORIGIN = "qyzmet.test/log"


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

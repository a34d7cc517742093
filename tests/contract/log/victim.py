"""A process that appends to the log until it is killed, telling what was committed."""

import sys
from itertools import count
from pathlib import Path

from services.audit import app
from services.audit.store import SqlLedger
from services.chassis.config import Settings
from services.chassis.database import open_database
from tests.unit.audit.stories import decision, event

BATCH = 90
"""Not a part of a tile's width, so that kills meet tiles in every state."""


def batch(run: str, number: int) -> list[object]:
    """Return the events of a batch, each with a decision."""
    ids = [f"{run}-{number}-{n}" for n in range(BATCH)]
    return [event(id_, 1, decision=decision(f"{id_}:1")) for id_ in ids]


def main(folder: str, database: str, run: str) -> None:
    """Record batch after batch, each twice as a bus may bring it, for ever."""
    settings = Settings(data_dir=Path(folder), database=database)  # type: ignore[arg-type]
    ledger = SqlLedger(open_database(settings, "audit", app.MIGRATIONS))
    for number in count():
        for _ in range(2):
            ledger.record(batch(run, number))  # type: ignore[arg-type]
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

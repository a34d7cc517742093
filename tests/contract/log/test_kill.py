"""A process killed in the middle of appending leaves neither a hole nor a double in the log."""

import random
import subprocess
import sys
import time

from services.audit import app, domain
from services.audit.domain import merkle
from services.audit.store import SqlLedger, log
from services.chassis.config import Settings
from services.chassis.database import open_database
from tests.contract.log import victim

KILLS = 6


def append_and_die(settings: Settings, run: str, chance: random.Random) -> int:
    """Kill an appender somewhere in its work; return how many batches it was told are kept."""
    database = settings.database.get_secret_value()
    command = [sys.executable, "-u", victim.__file__, str(settings.data_dir), database, run]
    acknowledged = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            acknowledged = int(line) + 1
            if acknowledged == chance.randrange(1, 6) or acknowledged == 6:
                time.sleep(chance.uniform(0, 0.05))  # anywhere in the next batch
                process.kill()
    return acknowledged


def test_kills_leave_neither_a_hole_nor_a_double(settings: Settings) -> None:
    """What was acknowledged is there once, batches are whole, and the tiles fit the records."""
    chance = random.Random(20260118)
    kept = {run: append_and_die(settings, run, chance) for run in map(str, range(KILLS))}

    database = open_database(settings, "audit", app.MIGRATIONS)
    with database.read() as connection:
        size = log.size_of(connection)
        records = list(log.records(connection, 0, size))
        root = merkle.root(size, log.node_in(connection))
    database.close()

    frontier = merkle.Frontier()
    for record in records:
        frontier.add(merkle.leaf_hash(record))
    cases = [str(domain.decode(record)["case"]) for record in records]
    assert len(records) == size == len(set(cases))
    assert root == frontier.root()
    for run, batches in kept.items():
        own = [case for case in cases if case.startswith(f"{run}-")]
        whole = len(own) // victim.BATCH
        assert whole >= batches
        assert own == [f"{run}-{n}-{i}" for n in range(whole) for i in range(victim.BATCH)]


def test_the_log_goes_on_where_it_was_killed(settings: Settings) -> None:
    """The next record is sealed behind the last."""
    append_and_die(settings, "killed", random.Random(1))
    database = open_database(settings, "audit", app.MIGRATIONS)
    with database.read() as connection:
        before = log.size_of(connection)

    SqlLedger(database).record(victim.batch("next", 0))  # type: ignore[arg-type]

    with database.read() as connection:
        assert log.size_of(connection) == before + victim.BATCH
    database.close()

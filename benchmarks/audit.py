"""The log of decisions: how fast it grows, proves, and is verified: `python -m benchmarks.audit`.

Example: python -m benchmarks.audit --records 100000 --parts append,proofs
"""

import argparse
import json
import random
import resource
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import analyst, servers
from benchmarks.numbers import quantiles
from deploy.cli.audit import bundle
from deploy.cli.audit import verify as verifying
from deploy.cli.terminal import progress
from services.audit import app
from services.audit.domain import CaseEvent, Decision, Explanation, encode, merkle
from services.audit.domain.checkpoints import read_note
from services.audit.events import to_outbox
from services.audit.store import SqlLedger, log, tables
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.keys import LogKeys
from services.audit.store.sealing import Sealing
from services.chassis.config import Settings
from services.chassis.database import Database, open_database
from services.chassis.outbox import Lease
from tests.servers.postgres import fresh_database, postgres
from tests.system import QYZMET
from tests.unit.cli.logs import Log
from tests.unit.cli.test_verify import CHANGES, kinds

BATCH = 200
SEALED = 1000
ORIGIN = "qyzmet.test/log"
APPENDED = 40_000
ASKED = 2000
BEGIN = datetime(2026, 1, 18, tzinfo=UTC)


def main() -> None:
    """Measure what was asked for, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--parts", default="append,proofs,verify,tampering,questions")
    given = parser.parse_args()
    wanted = given.parts.split(",")
    found: dict[str, Any] = {"records": given.records}
    with servers.folder() as folder:
        if "append" in wanted:
            found["append_per_second"] = {
                "embedded": append(_settings(folder / "few", "sqlite")),
                "postgresql": append_to_postgresql(folder),
            }
        if {"proofs", "verify"} & set(wanted):
            with grown(folder / "many", given.records) as database:
                found["proofs"] = proofs(database, given.records)
                found["verify"] = verify(database, folder)
        if "tampering" in wanted:
            found["tampering"] = tampering(folder / "small")
        if "questions" in wanted:
            found["questions"] = analyst.questions(folder / "analyst", given.records)
    print(json.dumps(found, indent=2))


def append_to_postgresql(folder: Path) -> dict[str, float]:
    """Return the same of a PostgreSQL with its durability on."""
    with postgres() as server, fresh_database(server) as url:
        return append(_settings(folder / "postgresql", url))


def append(settings: Settings) -> dict[str, float]:
    """Return how many decisions a second each consumer takes, in batches as from the bus."""
    with closing(open_database(settings, "audit", app.MIGRATIONS)) as database:
        batches = [list(one) for one in _batches(APPENDED)]
        return {
            "log": _rate(SqlLedger(database).record, batches),
            "analyst": _rate(SqlAnalyst(database).record, batches),
        }


def _rate(record: Callable[[Sequence[CaseEvent]], None], batches: Sequence[Any]) -> float:
    begin = time.perf_counter()
    for batch in batches:
        record(batch)
    return round(APPENDED / (time.perf_counter() - begin))


def proofs(database: Database, size: int) -> dict[str, Any]:
    """Return how long a proof of a record takes, read from the database."""
    chance, took, longest = random.Random(0), [], 0
    for _ in range(ASKED):
        begin = time.perf_counter()
        with database.read() as connection:
            found = merkle.inclusion_proof(chance.randrange(size), size, log.node_in(connection))
        took.append(time.perf_counter() - begin)
        longest = max(longest, len(found))
    return {"milliseconds": quantiles(took), "most_hashes": longest}


def tampering(folder: Path) -> dict[str, int]:
    """Return how many of a thousand random single changes to a bundle were found."""
    grown_log, chance = Log(folder), random.Random(20260118)
    for begin, end in ((0, 100), (100, 256), (256, 400), (400, 600)):
        grown_log.grow(begin, end)
    files = list(grown_log.files())
    grown_log.database.close()
    trusted = read_note(dict(files)["log/checkpoint"].decode())
    made = found = 0
    while made < CHANGES:
        changed = list(files)
        chance.choice(kinds(grown_log.keys))(changed, chance)
        if changed != files:  # a change that changes nothing is none
            made += 1
            found += not verifying.verify(changed, trusted).is_good
    return {"changes": made, "found": found}


def verify(database: Database, folder: Path) -> dict[str, Any]:
    """Return what it costs to write a bundle, and to verify it in a process of its own."""
    file, kept = folder / "decisions.tar", folder / "kept"
    begin = time.perf_counter()
    bundle.write(file, bundle.files(database, LogKeys(folder / "keys", ORIGIN)))
    written = time.perf_counter() - begin
    with tarfile.open(file) as archive:
        note = archive.extractfile("log/checkpoint")
        assert note is not None
        kept.write_bytes(note.read())
    begin = time.perf_counter()
    command = [str(QYZMET), "audit", "verify", str(file), "--trusted", str(kept)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return {
        "bundle_mib": round(file.stat().st_size / 2**20),
        "write_seconds": round(written, 1),
        "verify_seconds": round(time.perf_counter() - begin, 1),
        "verify_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "told": told.stdout.strip(),
    }


@contextmanager
def grown(folder: Path, count: int) -> Iterator[Database]:
    """Give a log of so many records; only the log of it, to be there sooner."""
    with (
        closing(open_database(_settings(folder, "sqlite"), "audit", app.MIGRATIONS)) as database,
        progress("growing") as advance,
    ):
        done, sealing = 0, _sealing(database, folder.parent)
        for events in _batches(count, SEALED):
            entries = [entry(event) for event in events]
            database.change(lambda connection, entries=entries: log.append(connection, entries))
            sealing.seal_if_due(0)
            done += len(events)
            advance("records", done, count)
        yield database


def _sealing(database: Database, folder: Path) -> Sealing:
    lease = Lease(tables.leases, "signer", "bench", 60.0)
    keys = LogKeys(folder / "keys", ORIGIN)
    return Sealing(database, keys, ORIGIN, to_outbox, lambda: BEGIN, lease, 1, 0)


def entry(event: CaseEvent) -> log.Entry:
    """Return the entry of the log that an event leaves."""
    assert event.decision is not None
    record = encode(event.case_id, event.case_version, event.decision)
    return log.Entry(event.case_id, event.case_version, event.decision.id, record)


def _batches(count: int, size: int = BATCH) -> Iterator[Sequence[CaseEvent]]:
    chance = random.Random(1)
    for begin in range(0, count, size):
        yield [_event(number, chance) for number in range(begin, min(count, begin + size))]


def _event(number: int, chance: random.Random) -> CaseEvent:
    case_id = f"019a1b2c-3d4e-7f50-8a61-{number:012x}"
    services = [f"social.benefit-of-some-kind-{chance.randrange(300)}" for _ in range(5)]
    words = tuple((n * 9, n * 9 + 7, chance.random()) for n in range(8))
    decision = Decision(
        id=f"{case_id}:1",
        outcome="route",
        actor="model",
        service_id=services[0],
        office=f"akimat-{chance.randrange(10, 30)}",
        channel="online",
        model="5" * 64,
        catalogue_version="6" * 64,
        policy_version="7" * 64,
        reason_code="CONFIDENT",
        decide_time=BEGIN + timedelta(seconds=number),
        told=b"{}" * 400,
        language="kk",
        ranking=tuple((service, chance.random()) for service in services),
        route_threshold=0.9,
        confirm_threshold=0.4,
        explanation=Explanation(service_id=services[0], against=services[1], words=words),
        commitment=f"{chance.getrandbits(256):064x}",
    )
    return CaseEvent(
        type="kz.qyzmet.case.routed.v1",
        case_id=case_id,
        case_version=1,
        state="routed",
        service_id=services[0],
        office=decision.office,
        channel="online",
        submit_time=decision.decide_time,
        event_time=decision.decide_time,
        language="kk",
        region="75",
        decision=decision,
    )


def _settings(folder: Path, database: str) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(data_dir=folder, database=database)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()

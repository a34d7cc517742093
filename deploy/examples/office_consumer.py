"""Read an office's topic, each event once: office_consumer.py MIA localhost:9092 cases.sqlite."""

import json
import os
import sqlite3
import sys
from contextlib import closing, suppress

from kafka import KafkaConsumer, errors

TABLE = "CREATE TABLE IF NOT EXISTS cases (id TEXT PRIMARY KEY, version INT, state TEXT, times INT)"
NEWER = """INSERT INTO cases VALUES (:case_id, :case_version, :state, 1) ON CONFLICT DO UPDATE SET
version=excluded.version, state=excluded.state, times=times + 1 WHERE version < excluded.version"""


def take(db: sqlite3.Connection, event: dict[str, object]) -> None:
    """Do the office's work in one transaction with the version it saw; drop what is not newer."""
    with db:
        if db.execute(NEWER, event).rowcount:
            print(event["case_id"], event["state"], flush=True)  # noqa: T201  your work goes here


def main(office: str, servers: str, path: str) -> None:
    """Read for ever; the place in the topic is committed after the work is."""
    settings = {"enable_auto_commit": False, "auto_offset_reset": "earliest"}
    settings |= {"group_id": f"office-{office}", "group_instance_id": "1"}  # one name a process
    settings |= {k[13:].lower(): v for k, v in os.environ.items() if k.startswith("OFFICE_KAFKA_")}
    consumer = KafkaConsumer(f"qyzmet.office.{office}.v1", bootstrap_servers=servers, **settings)
    with closing(consumer), closing(sqlite3.connect(path)) as db:
        db.execute(TABLE)
        while True:
            for records in consumer.poll(timeout_ms=30_000, max_records=100).values():
                for record in records:
                    take(db, json.loads(record.value))
            with suppress(errors.CommitFailedError):  # another reads now; it drops what we took
                consumer.commit()


if __name__ == "__main__":
    main(*sys.argv[1:])

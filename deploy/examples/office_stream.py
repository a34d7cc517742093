"""Read a stream, each event once: office_stream.py MIA desk localhost:50056 token cases.sqlite."""

import os
import sys
import time
from pathlib import Path
from sqlite3 import Connection, connect

import grpc

from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1.subscriptions_pb2_grpc import CursorServiceStub

TABLE = "CREATE TABLE IF NOT EXISTS cases (id TEXT PRIMARY KEY, version INT, state TEXT, times INT)"
NEWER = """INSERT INTO cases VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET
version=excluded.version, state=excluded.state, times=times + 1 WHERE version < excluded.version"""
RETRY = ("UNAVAILABLE", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED", "DEADLINE_EXCEEDED", "CANCELLED")
PING = [("grpc.keepalive_time_ms", 30_000), ("grpc.http2.max_pings_without_data", 0)]  # or it hangs


def take(db: Connection, event: cases.CaseEvent) -> None:
    """Do the office's work in one transaction with the version it saw; drop what is not newer."""
    state = cases.State.Name(event.state)
    with db:
        if db.execute(NEWER, (event.case_id, event.case_version, state)).rowcount:
            print(event.case_id, state, flush=True)  # noqa: T201  your work goes here


def read(stub: CursorServiceStub, names: dict[str, str], token: str, db: Connection) -> None:
    """Read from the cursor on; it is moved after the work is done, so that nothing is left out."""
    signed = (("authorization", f"Bearer {Path(token).read_text().strip()}"),)
    for number, told in enumerate(stub.Consume(pb.ConsumeRequest(**names), metadata=signed), 1):
        take(db, told.event.event)
        if number % 50 == 1:  # now and then: what comes again is dropped
            done = pb.AcknowledgeRequest(sequence=told.event.sequence, **names)
            stub.Acknowledge(done, metadata=signed, timeout=10)


def main(office: str, name: str, address: str, token: str, path: str) -> None:
    """Read for ever; a connection that is lost is opened again."""
    channel = grpc.insecure_channel(address, PING)
    if tls := os.environ.get("OFFICE_TLS"):  # folder of ca.pem, MIA.pem and MIA-key.pem
        pem = (Path(tls, f"{part}.pem").read_bytes() for part in ("ca", f"{office}-key", office))
        named = [*PING, ("grpc.ssl_target_name_override", "delivery")]  # who must be there
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(*pem), named)
    db = connect(path)
    db.execute(TABLE)
    while True:
        try:
            read(CursorServiceStub(channel), {"office": office, "name": name}, token, db)
        except grpc.RpcError as error:
            if not isinstance(error, grpc.Call) or error.code().name not in RETRY:
                raise
            print(error.details(), file=sys.stderr)  # noqa: T201
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])

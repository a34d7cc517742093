"""The wiring of cases: the only file that knows every class."""

from pathlib import Path

from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.cases import events, rpc
from services.cases.store import tables
from services.cases.store.cases import SqlCases
from services.cases.store.keys import Keys, master_key
from services.chassis.application import Application, Platform
from services.chassis.database import open_database
from services.chassis.masking import mask
from services.chassis.outbox import Lease, Relay
from services.chassis.server import RpcServer

MIGRATIONS = Path(__file__).parent / "migrations"


def build(platform: Platform) -> Application:
    """Build cases on a platform."""
    settings = platform.settings
    platform.bus.ensure_topics([events.TOPIC])
    keys_database = open_database(settings, "case-keys", MIGRATIONS / "keys")
    database = open_database(settings, "cases", MIGRATIONS / "cases")
    cases = SqlCases(
        database,
        Keys(keys_database, master_key(settings.secrets_dir)),
        events.to_outbox,
        platform.clock,
    )
    lease = Lease(tables.leases, "relay", f"cases-{settings.member}", settings.lease_seconds)
    relay = Relay(database, tables.outbox, lease, platform.bus, batch_size=settings.batch_size)
    servicer = rpc.CasesServicer(cases, cases, cases, mask, platform.clock)
    server = RpcServer(
        lambda server: pb_grpc.add_CasesServiceServicer_to_server(servicer, server),
        address=platform.addresses["cases"],
        services=[rpc.SERVICE],
        guard=platform.guard,
        threads=settings.rpc_threads,
        show_reflection=not settings.is_production,
    )

    def close() -> None:
        database.close()
        keys_database.close()

    return Application("cases", [relay, server], {"cases": server.address}, close)

"""The wiring of cases: the only file that knows every class."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.cases import events, rpc
from services.cases.store import tables
from services.cases.store.cases import SqlCases
from services.cases.store.grouping import group
from services.cases.store.keys import Keys, master_key
from services.cases.store.openings import SqlOpenings
from services.cases.store.readings import SqlReadings
from services.cases.store.reasons import bundled_reasons
from services.cases.store.triaged import SqlTriaged
from services.chassis.application import Application, Platform
from services.chassis.database import Database, open_database
from services.chassis.masking import mask
from services.chassis.outbox import Lease, Relay
from services.chassis.server import RpcServer
from services.chassis.workdays import read_calendar

MIGRATIONS = Path(__file__).parent / "migrations"


def build(platform: Platform) -> Application:
    """Build cases on a platform."""
    settings = platform.settings
    written = [events.TOPIC, events.CORRECTIONS]
    platform.bus.ensure_topics(written)
    platform.bus.check_writing([topic.name for topic in written])
    with ExitStack() as opened:
        keys = opened.enter_context(
            closing(open_database(settings, "case-keys", MIGRATIONS / "keys"))
        )
        database = opened.enter_context(
            closing(open_database(settings, "cases", MIGRATIONS / "cases"))
        )
        master = master_key(settings.secrets_dir)
        cipher = Keys(keys, master)
        outbox = events.Outbox(cipher.writer)
        calendar = read_calendar(settings.workdays)
        calendar.is_working(platform.clock().date())  # whoever is first need not wait for it
        cases = SqlCases(database, cipher, outbox, platform.clock, calendar)

        def is_ready() -> bool:
            return keys.is_ready() and database.is_ready()

        relay = _relay(platform, database)
        servicer = rpc.CasesServicer(
            cases,
            cases,
            cases,
            SqlReadings(database),
            SqlOpenings(database),
            mask,
            platform.clock,
            bundled_reasons(),
            platform.recognise,
            SqlTriaged(database),
            group,
            settings.topic_people,
        )
        door = _door(platform, servicer, is_ready)
        return Application("cases", [relay, door], {"cases": door.address}, opened.pop_all().close)


def _relay(platform: Platform, database: Database) -> Relay:
    settings = platform.settings
    lease = Lease(tables.leases, "relay", f"cases-{settings.member}", settings.lease_seconds)
    return Relay(database, tables.outbox, lease, platform.bus, batch_size=settings.batch_size)


def _door(
    platform: Platform, servicer: rpc.CasesServicer, is_ready: Callable[[], bool]
) -> RpcServer:
    return RpcServer(
        lambda server: pb_grpc.add_CasesServiceServicer_to_server(servicer, server),
        address=platform.addresses["cases"],
        services=[rpc.SERVICE],
        guard=platform.guard,
        threads=platform.settings.rpc_threads,
        show_reflection=not platform.settings.is_production,
        is_ready=is_ready,
    )

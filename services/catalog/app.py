"""The wiring of catalog: the only file that knows every class."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import structlog

from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.catalog import events, rpc
from services.catalog.store import bundled_folder, read_folder, tables
from services.catalog.store.drafts import SqlRegister
from services.catalog.store.versions import SqlVersions
from services.chassis.application import Application, Part, Platform
from services.chassis.database import Database, open_database
from services.chassis.outbox import Lease, Relay
from services.chassis.server import RpcServer

MIGRATIONS = Path(__file__).parent / "migrations"

log = structlog.get_logger()


def build(platform: Platform) -> Application:
    """Build catalog on a platform; a catalogue with faults stops the start and tells them all."""
    settings = platform.settings
    files = read_folder(settings.catalogue or bundled_folder())
    with ExitStack() as opened:
        database = opened.enter_context(closing(open_database(settings, "catalog", MIGRATIONS)))
        register = SqlRegister(database, events.to_outbox, platform.clock)
        if not register.begin(files):
            log.warning("catalogue files are not current: stewards published", files=files.version)
        current = register.current()
        log.info("catalogue", version=current.version, services=len(current.services))
        versions = SqlVersions(database, platform.clock)
        servicer = rpc.CatalogServicer(register, versions, settings.catalogue_two_people)
        door = _door(platform, servicer, database.is_ready)
        parts: list[Part] = [door, _relay(platform, database)]
        return Application("catalog", parts, {"catalog": door.address}, opened.pop_all().close)


def _relay(platform: Platform, database: Database) -> Relay:
    """Return what puts publications on the bus."""
    settings = platform.settings
    platform.bus.ensure_topics([events.TOPIC])
    platform.bus.check_writing([events.TOPIC.name])
    holder = f"catalog-{settings.member}"
    lease = Lease(tables.leases, "relay", holder, settings.lease_seconds)
    return Relay(database, tables.outbox, lease, platform.bus, batch_size=settings.batch_size)


def _door(
    platform: Platform, servicer: rpc.CatalogServicer, is_ready: Callable[[], bool]
) -> RpcServer:
    return RpcServer(
        lambda server: pb_grpc.add_CatalogServiceServicer_to_server(servicer, server),
        address=platform.addresses["catalog"],
        services=[rpc.SERVICE],
        guard=platform.guard,
        threads=platform.settings.rpc_threads,
        show_reflection=not platform.settings.is_production,
        is_ready=is_ready,
    )

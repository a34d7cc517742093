"""The wiring of catalog: the only file that knows every class."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import structlog

from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.catalog import handlers, rpc
from services.catalog.store import bundled_folder, read_folder
from services.catalog.store.versions import SqlVersions
from services.chassis.application import Application, Platform
from services.chassis.database import open_database
from services.chassis.server import RpcServer

MIGRATIONS = Path(__file__).parent / "migrations"

log = structlog.get_logger()


def build(platform: Platform) -> Application:
    """Build catalog on a platform; a catalogue with faults stops the start and tells them all."""
    settings = platform.settings
    current = read_folder(settings.catalogue or bundled_folder())
    with ExitStack() as opened:
        database = opened.enter_context(closing(open_database(settings, "catalog", MIGRATIONS)))
        versions = SqlVersions(database, platform.clock)
        new = handlers.publish(current, versions=versions)
        log.info("catalogue", version=current.version, services=len(current.services), new=new)
        door = _door(platform, rpc.CatalogServicer(current, versions), database.is_ready)
        return Application("catalog", [door], {"catalog": door.address}, opened.pop_all().close)


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

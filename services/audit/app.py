"""The wiring of audit: the only file that knows every class."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from qyzmet.audit.v1 import audit_pb2_grpc as pb_grpc
from services.audit import events, rpc
from services.audit.clients import GrpcRegisters
from services.audit.ports import Ledger
from services.audit.store import SqlLedger
from services.chassis.application import Application, Part, Platform, stopping
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.parking import ParkingLot
from services.chassis.client import Caller
from services.chassis.database import open_database
from services.chassis.server import RpcServer

MIGRATIONS = Path(__file__).parent / "migrations"
SPACING_SECONDS = 0.2
"""Nobody waits for audit: it takes its time, and larger batches."""


def build(platform: Platform) -> Application:
    """Build audit on a platform."""
    settings = platform.settings
    with ExitStack() as opened:
        database = opened.enter_context(closing(open_database(settings, "audit", MIGRATIONS)))
        ledger = SqlLedger(database)
        caller = Caller(platform.tokens("audit").bearer, settings.rpc_deadline_seconds)
        secured = platform.secured("audit", "catalog")
        registers = opened.enter_context(
            closing(GrpcRegisters(platform.addresses["catalog"], caller, time.monotonic, secured))
        )
        consumer = opened.enter_context(stopping(_consumer(platform, ledger)))
        door = _door(platform, rpc.AuditServicer(ledger, registers), database.is_ready)
        return Application(
            "audit", [door, consumer], {"audit": door.address}, opened.pop_all().close
        )


def _door(
    platform: Platform, servicer: rpc.AuditServicer, is_ready: Callable[[], bool]
) -> RpcServer:
    return RpcServer(
        lambda server: pb_grpc.add_AuditServiceServicer_to_server(servicer, server),
        address=platform.addresses["audit"],
        services=[rpc.SERVICE],
        guard=platform.guard,
        threads=platform.settings.rpc_threads,
        show_reflection=not platform.settings.is_production,
        is_ready=is_ready,
    )


def _consumer(platform: Platform, ledger: Ledger) -> Part:
    platform.bus.ensure_topics([events.TOPIC])
    member = platform.settings.member
    return ConsumerLoop(
        platform.bus.consumer(events.GROUP, [events.TOPIC.name], member=member),
        ParkingLot(platform.bus, events.GROUP, [events.TOPIC.name]),
        partial(events.handle, ledger=ledger),
        name=events.GROUP,
        batch_size=platform.settings.batch_size,
        spacing=SPACING_SECONDS,
    )

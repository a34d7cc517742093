"""The wiring of audit: the only file that knows every class."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial
from pathlib import Path

from qyzmet.audit.v1 import audit_pb2_grpc as pb_grpc
from services.audit import events, rpc
from services.audit.clients import GrpcCases, GrpcRegisters
from services.audit.handlers import analyst as analysing
from services.audit.handlers.gaps import GapWatch
from services.audit.handlers.today import CountedToday
from services.audit.handlers.topics import TopicWatch
from services.audit.store import SqlLedger, tables
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.answers import SqlCounted
from services.audit.store.chores import Chore
from services.audit.store.demand import SqlDemand
from services.audit.store.finding import SqlFound
from services.audit.store.gaps import SqlGaps
from services.audit.store.keys import LogKeys
from services.audit.store.plans import read_plan
from services.audit.store.proving import SqlLog
from services.audit.store.sealing import Sealer, Sealing
from services.audit.store.topics import SqlLooks
from services.chassis import alarms
from services.chassis.application import Application, Part, Platform, stopping
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Record
from services.chassis.client import Caller
from services.chassis.database import Database, open_database
from services.chassis.outbox import Lease, Relay, Turn
from services.chassis.server import RpcServer

MIGRATIONS = Path(__file__).parent / "migrations"
NOTE_SECONDS = 600.0
WATCH_SECONDS = 3600.0
TOPICS_AGAIN_SECONDS = 600.0
"""Not sooner: cases may still group the words of a question whose answer was not waited for."""
SPACING_SECONDS = 0.2
"""Nobody waits for audit: it takes its time, and larger batches."""


def build(platform: Platform) -> Application:
    """Build audit on a platform."""
    settings = platform.settings
    with ExitStack() as opened:
        database = opened.enter_context(closing(open_database(settings, "audit", MIGRATIONS)))
        ledger = SqlLedger(database)
        keys = LogKeys(settings.secrets_dir / "audit", settings.log_origin)
        caller = Caller(platform.tokens("audit").bearer, settings.rpc_deadline_seconds)
        registers = opened.enter_context(
            closing(
                GrpcRegisters(
                    platform.addresses["catalog"],
                    caller,
                    time.monotonic,
                    platform.secured("audit", "catalog"),
                )
            )
        )
        cases = opened.enter_context(
            closing(
                GrpcCases(platform.addresses["cases"], caller, platform.secured("audit", "cases"))
            )
        )
        analyst = SqlAnalyst(database)
        consumers = [
            opened.enter_context(stopping(_consumer(platform, group, handle)))
            for group, handle in (
                (events.GROUP, partial(events.handle, ledger=ledger)),
                (events.ANALYST_GROUP, partial(events.follow, analyst=analyst)),
            )
        ]
        log = SqlLog(database, keys)
        counted = CountedToday(SqlCounted(database), registers)
        servicer = rpc.AuditServicer(
            ledger=ledger,
            found=SqlFound(database),
            registers=registers,
            log=log,
            cases=cases,
            decisions=cases,
            now=platform.clock,
            demands=SqlDemand(database),
            counted=counted,
            plan=read_plan(settings.audit.programmes),
        )
        door = _door(platform, servicer, database.is_ready)
        chores = [
            *_chores(platform, analyst, counted, registers),
            _reconciling(platform, database, log, cases),
            _watching_topics(platform, database, cases),
        ]
        parts: list[Part] = [door, *consumers, *chores, *_publishing(platform, database, keys)]
        return Application("audit", parts, {"audit": door.address}, opened.pop_all().close)


def _publishing(platform: Platform, database: Database, keys: LogKeys) -> Sequence[Part]:
    """Return what signs checkpoints and what puts them on the bus."""
    settings = platform.settings
    written = [events.CHECKPOINTS, alarms.TOPIC]
    platform.bus.ensure_topics(written)
    platform.bus.check_writing([topic.name for topic in written])
    sealing = Sealing(
        database,
        keys,
        settings.log_origin,
        events.to_outbox,
        platform.clock,
        _lease(platform, "signer"),
        settings.audit.checkpoint_records,
        settings.audit.checkpoint_seconds,
    )
    relay = Relay(
        database,
        tables.outbox,
        _lease(platform, "relay"),
        platform.bus,
        batch_size=settings.batch_size,
    )
    return [Sealer(sealing, time.monotonic), relay]


def _chores(
    platform: Platform, analyst: SqlAnalyst, counted: CountedToday, registers: GrpcRegisters
) -> Sequence[Part]:
    """Return what is done now and then for analysts."""
    now = platform.clock
    note = partial(analysing.note_register, analyst=analyst, registers=registers, now=now)
    watch = partial(
        analysing.watch_drift,
        analyst=analyst,
        counted=counted,
        announce=events.alarm_to_outbox,
        now=now,
    )
    return [
        Chore("note-register", note, NOTE_SECONDS),
        Chore("watch-drift", watch, WATCH_SECONDS),
    ]


def _reconciling(platform: Platform, database: Database, log: SqlLog, cases: GrpcCases) -> Chore:
    """Return what holds the log against cases; of several processes one does."""
    settings = platform.settings
    watch = GapWatch(
        log=log,
        decisions=cases,
        kept=SqlGaps(database),
        announce=events.gaps_to_outbox,
        now=platform.clock,
        age=timedelta(seconds=settings.audit.gap_seconds),
        is_ours=Turn(database, _lease(platform, "reconciler")).is_ours,
    )
    return Chore("watch-gaps", watch.look, settings.audit.reconcile_seconds)


def _watching_topics(platform: Platform, database: Database, cases: GrpcCases) -> Chore:
    """Return what looks for new topics, once a day; of several processes one does."""
    watch = TopicWatch(
        triaged=cases,
        looks=SqlLooks(database),
        announce=events.topic_to_outbox,
        now=platform.clock,
        is_ours=Turn(database, _lease(platform, "topics")).is_ours,
    )
    return Chore("watch-topics", watch.look, WATCH_SECONDS, TOPICS_AGAIN_SECONDS)


def _lease(platform: Platform, name: str) -> Lease:
    """Return what only one process may do at a time, as this one asks for it."""
    settings = platform.settings
    return Lease(tables.leases, name, f"audit-{settings.member}", settings.lease_seconds)


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


def _consumer(
    platform: Platform, group: str, handle: Callable[[Sequence[Record]], None]
) -> ConsumerLoop:
    platform.bus.ensure_topics([events.TOPIC])
    member = platform.settings.member
    return ConsumerLoop(
        platform.bus.consumer(group, [events.TOPIC.name], member=member),
        ParkingLot(platform.bus, group, [events.TOPIC.name]),
        handle,
        name=group,
        batch_size=platform.settings.batch_size,
        spacing=SPACING_SECONDS,
    )

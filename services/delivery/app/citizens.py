"""The wiring of what citizens are told; where there is no way to them, only of forgetting it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial

from services.chassis import codec
from services.chassis.application import Part, Platform
from services.chassis.bus.port import Record
from services.chassis.database import Database
from services.delivery import events
from services.delivery.clients import GrpcCases
from services.delivery.clients.notify import Notifier
from services.delivery.clients.offices import OfficeNames
from services.delivery.clients.register import NAMES_DEADLINE, GrpcRegister
from services.delivery.clients.templates import Templates
from services.delivery.domain.notices import notices
from services.delivery.events.notices import NoticeLoop
from services.delivery.handlers.notices import tell
from services.delivery.store.notices import SqlNotices

LEASE_MARGIN = timedelta(seconds=20)
"""A lease outlasts the longest attempt by so much: time to keep how it ended."""

Handle = Callable[[Sequence[Record]], None]


def telling(
    platform: Platform,
    database: Database,
    cases: GrpcCases,
    register: GrpcRegister,
    opened: ExitStack,
    *,
    handle: Handle,
) -> tuple[Handle, Sequence[Part]]:
    """Return a handler of records that notes what citizens are to be told, and who tells them."""
    settings = platform.settings.notify
    kept = SqlNotices(database)

    def handle_and_forget(records: Sequence[Record]) -> None:
        """Forget what an erased case was told, also when nobody is told anything any more."""
        handle(records)
        kept.forget(codec.erased(records))

    if not settings.is_wanted:
        return handle_and_forget, ()
    one = partial(
        tell,
        notices=kept,
        contact=cases.contact,
        render=Templates(
            settings.case_link(platform.settings.public_url),
            OfficeNames(register.names, platform.clock),
        ),
        notify=opened.enter_context(closing(Notifier(settings))),
        now=platform.clock,
    )
    asked = platform.settings.rpc_deadline_seconds + NAMES_DEADLINE
    longest = settings.timeout_seconds + asked
    loop = NoticeLoop(
        kept,
        one,
        platform.clock,
        threads=settings.threads,
        lease=timedelta(seconds=longest) + LEASE_MARGIN,
    )

    def handle_and_note(records: Sequence[Record]) -> None:
        """Deliver first: a batch that is parked tells nobody anything."""
        handle(records)
        if kept.add(notices([events.from_record(record) for record in records]), platform.clock()):
            loop.wake()
        kept.forget(codec.erased(records))

    return handle_and_note, (loop,)

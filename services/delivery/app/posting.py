"""The wiring of webhooks: what is sealed, looked at, sent and tried again."""

import base64
import random
import secrets
import ssl
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from services.chassis import codec
from services.chassis.application import Platform
from services.chassis.database import Database
from services.chassis.keyfile import load_or_make
from services.delivery.clients.addresses import Guard, Lookups
from services.delivery.clients.apart import Apart
from services.delivery.clients.register import GrpcRegister
from services.delivery.clients.webhooks import HttpSend
from services.delivery.domain import FeedEntry
from services.delivery.domain.webhooks import Schedule
from services.delivery.events import alarms
from services.delivery.events.dispatch import Dispatcher
from services.delivery.handlers import webhooks
from services.delivery.handlers.subscriptions import Desk
from services.delivery.ports import Clock
from services.delivery.ports.subscriptions import Wake
from services.delivery.rpc.message import to_proto
from services.delivery.rpc.subscriptions import SubscriptionServicer
from services.delivery.store import SqlFeeds
from services.delivery.store.mailbox import SqlMailbox
from services.delivery.store.pauses import bundled_pauses, read_pauses
from services.delivery.store.subscriptions import Seal, SqlSubscriptions
from services.delivery.store.webhooks import SqlPost

SECRET_BYTES = 32
SEAL_BYTES = 32
LEASE_MARGIN = timedelta(seconds=20)
"""A lease outlasts the longest call by so much: time to wait for a thread, and to keep the end."""

LOOKUPS = 4
LOOKUPS_OF_OFFICE = 2
LOOKUP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Posting:
    """What webhooks are made of."""

    subscriptions: SqlSubscriptions
    mailbox: SqlMailbox
    lookups: Lookups
    send: HttpSend
    dispatcher: Dispatcher
    clock: Clock

    @classmethod
    def on(cls, platform: Platform, database: Database) -> "Posting":
        """Wire what brings events to webhooks."""
        settings = platform.settings.webhooks
        seal = Seal(
            load_or_make(
                platform.settings.secrets_dir / "webhooks.key",
                lambda: secrets.token_bytes(SEAL_BYTES),
            )
        )
        guard = Guard(settings.networks)
        trusted = ssl.create_default_context()
        if settings.cafile is not None:
            trusted.load_verify_locations(settings.cafile)
        send = HttpSend(guard, trusted, to_body, seconds=settings.timeout_seconds)
        post = SqlPost(
            database,
            seal,
            f"{platform.settings.member}-{secrets.token_hex(4)}",
            alarms.subscription_disabled,
        )
        deliver = partial(
            webhooks.deliver,
            post=post,
            send=send,
            schedule=Schedule(read_pauses(settings.pauses or bundled_pauses())),
            now=platform.clock,
            jitter=random.uniform,
        )
        dispatcher = Dispatcher(
            post,
            deliver,
            platform.clock,
            threads=settings.threads,
            per_office=settings.per_office,
            lease=timedelta(seconds=settings.timeout_seconds) + LEASE_MARGIN,
        )
        kept = SqlSubscriptions(database, seal)
        lookups = Lookups(guard, _apart())
        return cls(kept, SqlMailbox(database, seal), lookups, send, dispatcher, platform.clock)

    def close(self) -> None:
        """Close what is open."""
        self.send.close()
        self.lookups.apart.close()

    def servicer(self, desk: Desk) -> SubscriptionServicer:
        """Return the door of subscriptions."""
        post = webhooks.Post(self.mailbox, self.send, lambda: secrets.token_urlsafe(24))
        return SubscriptionServicer(desk, post)

    def desk(self, feeds: SqlFeeds, register: GrpcRegister, changed: Wake) -> Desk:
        """Return what the verbs of subscriptions need; who else is to hear of changes is given."""

        def wake() -> None:
            changed()
            self.dispatcher.wake()

        return Desk(
            subscriptions=self.subscriptions,
            feeds=feeds,
            places=self.subscriptions,
            register=register,
            check_address=self.lookups.check,
            new_secret=new_secret,
            new_id=lambda: secrets.token_hex(16),
            wake=wake,
            now=self.clock,
        )


def _apart() -> Apart:
    """Return where names are looked up while somebody waits who makes a subscription."""
    return Apart("lookup", threads=LOOKUPS, per_office=LOOKUPS_OF_OFFICE, seconds=LOOKUP_SECONDS)


def new_secret() -> str:
    """Make a secret in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def to_body(entry: FeedEntry) -> bytes:
    """Return an event as the body of a webhook, which is what the pages show of it."""
    return codec.encode(to_proto(entry))

"""What offices do with their subscriptions: make, change, move and end them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.errors import InvalidError
from services.chassis.principal import Principal
from services.delivery import domain
from services.delivery.domain import subscriptions as rules
from services.delivery.domain.subscriptions import FROM_NOW, Filter, Kind, State, Subscription
from services.delivery.ports import Clock, Feeds
from services.delivery.ports.subscriptions import (
    CheckAddress,
    KnownRegister,
    Places,
    Subscriptions,
    Wake,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the verbs of subscriptions need, whoever calls."""

    subscriptions: Subscriptions
    feeds: Feeds
    places: Places
    register: KnownRegister
    check_address: CheckAddress
    new_secret: Any
    new_id: Any
    wake: Wake
    now: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A subscription as somebody asks for it."""

    office: str
    name: str
    kind: Kind
    filter: Filter
    url: str
    after: int


def create(principal: Principal, wanted: Wanted, *, desk: Desk) -> tuple[Subscription, str]:
    """Make a subscription and return it with its secret, which is told this once."""
    rules.check_caller(wanted.office, principal)
    made = _new(wanted, desk)
    rules.check_new(made, desk.register())
    secret = ""
    if made.kind is Kind.WEBHOOK:
        desk.check_address(made.office, made.url)
        secret = desk.new_secret()
    kept = desk.subscriptions.add(made, secret)
    desk.wake()
    return kept, secret if kept.id == made.id else ""


def _new(wanted: Wanted, desk: Desk) -> Subscription:
    now = desk.now()
    return Subscription(
        id=desk.new_id(),
        office=wanted.office,
        name=wanted.name,
        kind=wanted.kind,
        state=State.PENDING if wanted.kind is Kind.WEBHOOK else State.ACTIVE,
        filter=wanted.filter,
        url=wanted.url,
        position=_place(wanted.office, wanted.after, desk.feeds),
        create_time=now,
        update_time=now,
    )


def find(principal: Principal, office: str, name: str, *, desk: Desk) -> Subscription:
    """Return a subscription to who may know of it."""
    rules.check_caller(office, principal)
    return desk.subscriptions.find(office, name)


def of_office(principal: Principal, office: str, *, desk: Desk) -> Sequence[Subscription]:
    """Return all subscriptions of an office."""
    rules.check_caller(office, principal)
    return desk.subscriptions.of_office(office)


def update(
    principal: Principal, office: str, name: str, filter_: Filter, url: str, *, desk: Desk
) -> Subscription:
    """Replace filter and address; a new address has to be validated before it is used."""
    found = find(principal, office, name, desk=desk)
    wanted = rules.changed(found, filter_, url, desk.now())
    rules.check_content(wanted, desk.register())
    if url != found.url:
        desk.check_address(office, url)
    kept = desk.subscriptions.update(
        found, lambda now: rules.changed(now, filter_, url, wanted.update_time)
    )
    desk.wake()
    return kept


def remove(principal: Principal, office: str, name: str, *, desk: Desk) -> None:
    """End a subscription."""
    desk.subscriptions.remove(find(principal, office, name, desk=desk))
    desk.wake()


def seek(
    principal: Principal, office: str, name: str, place: int | datetime, *, desk: Desk
) -> Subscription:
    """Move a subscription to a sequence, or to a time."""
    found = find(principal, office, name, desk=desk)
    if isinstance(place, datetime):
        position = desk.places.before(office, place)
    else:
        position = _place(office, place, desk.feeds)
    moved = desk.subscriptions.move(found, position)
    desk.wake()
    return moved


def check_acknowledgement(principal: Principal, office: str, sequence: int) -> None:
    """Refuse what can be seen to be wrong before anything is looked up."""
    rules.check_caller(office, principal)
    if sequence < 1:
        raise InvalidError("a sequence is at least 1", field="sequence")


def acknowledge(principal: Principal, office: str, name: str, sequence: int, *, desk: Desk) -> int:
    """Move a stream's cursor to the last event worked on, and return where it stands."""
    check_acknowledgement(principal, office, sequence)
    found = rules.check_kind(find(principal, office, name, desk=desk), Kind.STREAM)
    domain.check_cursor(sequence, desk.feeds.ends([office]).get(office, 0))
    return desk.subscriptions.acknowledge(found, sequence)


def _place(office: str, after: int, feeds: Feeds) -> int:
    end = feeds.ends([office]).get(office, 0)
    if after == FROM_NOW:
        return end
    domain.check_cursor(after, end)
    return after

"""What a subscription is: how an office wants its feed, which events of it, and from where on."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from services.chassis.errors import ConflictError, InvalidError, NotFoundError
from services.chassis.principal import Principal, Role
from services.chassis.story import KNOWN_TYPES
from services.delivery.domain import FeedEntry, UnknownFeedError

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
URL = re.compile(r"[\x21-\x7e]{1,2048}")
TYPE_PREFIX, TYPE_SUFFIX = "kz.qyzmet.case.", ".v1"
MAX_SUBSCRIPTIONS = 50
"""Most that one office may have."""
FROM_NOW = -1
"""As a place in the feed: what is yet to come."""


class UnknownSubscriptionError(NotFoundError):
    """There is no such subscription for this caller."""

    reason = "SUBSCRIPTION_NOT_FOUND"


class SubscriptionExistsError(ConflictError):
    """The office has another subscription of this name."""

    reason = "SUBSCRIPTION_EXISTS"


class TooManySubscriptionsError(ConflictError):
    """The office has as many subscriptions as it may."""

    reason = "TOO_MANY_SUBSCRIPTIONS"


class WrongKindError(ConflictError):
    """This kind of subscription has no such thing."""

    reason = "WRONG_KIND"


class FilterError(InvalidError):
    """The filter names something that does not exist."""

    reason = "FILTER_UNKNOWN"


class UrlError(InvalidError):
    """A webhook needs an https address without user, password and fragment."""

    reason = "URL_INVALID"


class Kind(StrEnum):
    """How events are delivered."""

    WEBHOOK = "webhook"
    STREAM = "stream"


class State(StrEnum):
    """Whether events are delivered."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events of a feed are wanted; what is empty is not looked at."""

    types: tuple[str, ...] = ()
    service_ids: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def admits(self, entry: FeedEntry) -> bool:
        """Tell whether an event is wanted.

        One that names no service or region passes: a case that left must be seen to have left.
        """
        if self.types and short_type(entry.type) not in self.types:
            return False
        if not (self.service_ids or self.regions):
            return True
        event = json.loads(entry.event)
        return _passes(self.service_ids, event.get("service_id")) and _passes(
            self.regions, event.get("region")
        )


def _passes(wanted: tuple[str, ...], found: str | None) -> bool:
    return not wanted or not found or found in wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """How an office wants its feed; fields as in subscriptions.proto."""

    id: str
    office: str
    name: str
    kind: Kind
    state: State
    filter: Filter
    url: str
    position: int
    create_time: datetime
    update_time: datetime
    disabled_reason: str = ""
    previous_secret_expire_time: datetime | None = None

    def repeats(self, other: "Subscription") -> bool:
        """Tell whether another one asks for the same."""
        ours = (self.kind, self.filter, self.url)
        return ours == (other.kind, other.filter, other.url)


def changed(subscription: Subscription, filter_: Filter, url: str, now: datetime) -> Subscription:
    """Return it with another filter and address; a new address has to be validated before use."""
    changed = replace(subscription, filter=filter_, url=url, update_time=now)
    if subscription.kind is Kind.WEBHOOK and url != subscription.url:
        return replace(changed, state=State.PENDING, disabled_reason="")
    return changed


@dataclass(frozen=True, slots=True)
class Register:
    """What the register of services knows, as far as a subscription may name it."""

    service_ids: frozenset[str]
    regions: frozenset[str]
    offices: frozenset[str]


KNOWN_NAMES = frozenset(
    name.removeprefix(TYPE_PREFIX).removesuffix(TYPE_SUFFIX) for name in KNOWN_TYPES
)


def short_type(name: str) -> str:
    """Return a type as filters name it, such as `routed`."""
    return name.removeprefix(TYPE_PREFIX).removesuffix(TYPE_SUFFIX)


def check_caller(office: str, principal: Principal) -> None:
    """Refuse who neither belongs to the office nor administers all, as if there were none."""
    if principal.role is Role.ADMINISTRATOR and office:
        return
    if not office or office not in principal.offices:
        raise UnknownFeedError(field="office")


def check_new(subscription: Subscription, register: Register) -> None:
    """Refuse a subscription that cannot be meant so."""
    if subscription.office not in register.offices:
        raise UnknownFeedError(field="office")
    if not NAME.fullmatch(subscription.name):
        raise InvalidError("a name is 1 to 63 of a-z, 0-9 and hyphen", field="name")
    check_content(subscription, register)


def check_content(subscription: Subscription, register: Register) -> None:
    """Refuse a filter that names what does not exist, and an address that does not fit the kind."""
    wanted = subscription.filter
    _check_known(wanted.types, KNOWN_NAMES, "filter.types")
    _check_known(wanted.service_ids, register.service_ids, "filter.service_ids")
    _check_known(wanted.regions, register.regions, "filter.regions")
    if subscription.kind is Kind.WEBHOOK:
        check_url(subscription.url)
    elif subscription.url:
        raise InvalidError("a stream has no address", field="url")


def _check_known(named: Iterable[str], known: frozenset[str], field: str) -> None:
    if unknown := sorted(set(named) - known):
        raise FilterError(f"not known: {', '.join(unknown)[:200]}", field=field)


def check_url(url: str) -> None:
    """Refuse what is no plain address; whether it may be reached is asked where it is resolved."""
    if not URL.fullmatch(url):
        raise UrlError(field="url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlError(field="url") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise UrlError(field="url")
    if "@" in parts.netloc or "#" in url or "\\" in url:
        raise UrlError(field="url")


def check_kind(subscription: Subscription, kind: Kind) -> Subscription:
    """Refuse what only the other kind can do."""
    if subscription.kind is not kind:
        raise WrongKindError(f"this is a {subscription.kind}")
    return subscription

"""How stewards change a register: an edit makes a register of another, or says what is wrong."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from services.catalog.domain.register import Catalogue, Draft, LocalizedText, Retired, Service
from services.catalog.domain.rules import check, compose
from services.chassis.errors import ConflictError, InvalidError

Edit = Callable[[Catalogue], Catalogue]


class EditError(InvalidError):
    """The register would not be valid; the reason is the code of the first fault."""

    reason = "CATALOGUE"


class OwnDraftError(ConflictError):
    """Whoever changed this draft does not publish it: another steward looks at it, and does."""

    reason = "OWN_DRAFT"


class ChangeKind(StrEnum):
    """What was done to a draft."""

    CHANGE = "change"
    MERGE = "merge"
    SPLIT = "split"
    DISCARD = "discard"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a draft, or its end: who did what, when."""

    kind: ChangeKind
    subject: str
    service_id: str
    other_id: str
    draft_version: int
    catalogue_version: str
    change_time: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """A version that became the register, to be announced."""

    catalogue: Catalogue
    base_version: str
    subject: str
    publish_time: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A service that differs between the register and the draft."""

    before: Service | None
    after: Service | None
    successor_id: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """The next version of the register, in the making."""

    version: int
    base: Catalogue
    catalogue: Catalogue
    editors: tuple[str, ...] = ()

    def check_publisher(self, subject: str) -> None:
        """Refuse to let somebody publish what they changed themselves."""
        if subject in self.editors:
            raise OwnDraftError

    def differences(self) -> Iterator[Difference]:
        """Yield what publishing would change, in the order of ids."""
        before = {service.id: service for service in self.base.services}
        after = {service.id: service for service in self.catalogue.services}
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                successor = self.catalogue.successor(key)
                yield Difference(before.get(key), after.get(key), successor)


def change(catalogue: Catalogue, service_id: str, service: Service) -> Catalogue:
    """Put a service in another's place; where the id is another, the old one leads to it."""
    _check_is_there(catalogue, service_id, "service_id")
    others = tuple(one for one in catalogue.services if one.id != service_id)
    retired = catalogue.retired
    if service.id != service_id:
        _check_is_free(catalogue, service.id, "id", but=service_id)
        retired = _led_on(retired, service_id, service.id)
    return _composed(catalogue, (*others, tidied(service)), retired)


def merge(catalogue: Catalogue, service_id: str, successor_id: str) -> Catalogue:
    """End a service; its id, and those that led to it, lead to another."""
    _check_is_there(catalogue, service_id, "service_id")
    _check_is_there(catalogue, successor_id, "successor_id")
    if service_id == successor_id:
        raise InvalidError(
            "a service cannot be merged with itself", reason="SAME_SERVICE", field="successor_id"
        )
    others = tuple(one for one in catalogue.services if one.id != service_id)
    return _composed(catalogue, others, _led_on(catalogue.retired, service_id, successor_id))


def split(
    catalogue: Catalogue, service_id: str, part: Service, rest: Service | None = None
) -> Catalogue:
    """Add a service that was a part of another, which stays under its id."""
    _check_is_there(catalogue, service_id, "service_id")
    _check_is_free(catalogue, part.id, "id")
    if rest is not None and rest.id != service_id:
        raise InvalidError("what stays keeps its id", reason="BAD_ID", field="rest.id")
    kept = (tidied(rest) if rest and one.id == service_id else one for one in catalogue.services)
    return _composed(catalogue, (*kept, tidied(part)), catalogue.retired)


def tidied(service: Service) -> Service:
    """Return a service as files would hold it: letters composed, one blank between words."""
    texts: dict[str, Any] = {
        one.name: _tidied(value)
        for one in fields(service)
        if isinstance(value := getattr(service, one.name), LocalizedText)
    }
    return replace(service, **texts)


def _tidied(text: LocalizedText) -> LocalizedText:
    said = (" ".join(one.split()) for one in (text.kk, text.ru, text.en))
    return LocalizedText(*(unicodedata.normalize("NFC", one) for one in said))


def _check_is_there(catalogue: Catalogue, service_id: str, field: str) -> None:
    if service_id not in catalogue:
        raise InvalidError("there is no such service", reason="UNKNOWN_SERVICE", field=field)


def _check_is_free(catalogue: Catalogue, service_id: str, field: str, *, but: str = "") -> None:
    """Refuse an id that is taken; one that led to the service itself may be its id again."""
    successor = catalogue.successor(service_id)
    if service_id in catalogue or successor not in ("", but):
        raise InvalidError("this id is taken already", reason="DUPLICATE_ID", field=field)


def _led_on(retired: tuple[Retired, ...], gone: str, successor: str) -> tuple[Retired, ...]:
    moved = {one.id: successor if one.successor_id == gone else one.successor_id for one in retired}
    moved[gone] = successor
    moved.pop(successor, None)
    return tuple(Retired(*pair) for pair in moved.items())


def _composed(
    catalogue: Catalogue, services: tuple[Service, ...], retired: tuple[Retired, ...]
) -> Catalogue:
    draft = Draft(
        name=catalogue.name,
        licence=catalogue.licence,
        origin=catalogue.origin,
        agencies=catalogue.agencies,
        regions=catalogue.regions,
        life_events=catalogue.life_events,
        services=services,
        retired=retired,
    )
    for fault in islice(check(draft, lambda kind, index, field: field), 1):
        raise EditError(fault.message, reason=fault.code.value, field=fault.place)
    return compose(draft)

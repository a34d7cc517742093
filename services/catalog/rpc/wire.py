"""Messages of the register and the values they carry."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from qyzmet.catalog.v1 import catalog_pb2 as pb
from services.catalog.domain import Audience, Catalogue, Channel, LocalizedText, Service
from services.catalog.domain.editing import ChangeKind, Revision
from services.catalog.domain.register import OPTIONAL_TEXTS
from services.catalog.ports import Wish
from services.chassis import codec
from services.chassis.auth import current_principal
from services.chassis.errors import InvalidError

MAX_TERM_DAYS = 1000
KEPT = 4
"""Catalogues as messages: to make one takes longer than to send it."""
CHANNEL = pb.DESCRIPTOR.enum_types_by_name["Channel"]
AUDIENCE = pb.DESCRIPTOR.enum_types_by_name["Audience"]
NOT_ASKED = ("expected_version", "request_id")
"""What names a request and is not what it asks."""


def wish_of(request: Any, kind: ChangeKind, service_id: str = "", other_id: str = "") -> Wish:
    """Return what a steward wants, in the caller's name."""
    asked = type(request)()
    asked.CopyFrom(request)
    for name in NOT_ASKED:
        asked.ClearField(name)
    return Wish(
        kind=kind,
        subject=current_principal().subject,
        request_id=request.request_id,
        expected_version=request.expected_version,
        content=codec.encode(asked),
        service_id=service_id,
        other_id="" if other_id == service_id else other_id,
    )


def service_of(message: pb.Service) -> Service:
    """Return a service somebody sent; its texts and ids are checked with the whole register."""
    channel = codec.kebab(CHANNEL, message.channel)
    audience = codec.kebab(AUDIENCE, message.audience)
    if channel is None:
        raise InvalidError("say how it is reached", reason="UNKNOWN_CHANNEL", field="channel")
    if audience is None:
        raise InvalidError("say whom it is for", reason="UNKNOWN_AUDIENCE", field="audience")
    if not 0 <= message.term_days <= MAX_TERM_DAYS:
        told = f"a term has at most {MAX_TERM_DAYS} working days"
        raise InvalidError(told, reason="BAD_VALUE", field="term-days")
    return Service(
        id=message.id,
        title=_text_of(message.title),
        agency=message.agency,
        life_event=message.life_event,
        audience=Audience(audience),
        channel=Channel(channel),
        term_days=message.term_days,
        online_address=message.online_address,
        **{name: _text_of(getattr(message, name)) for name in OPTIONAL_TEXTS},
    )


def _text_of(message: pb.LocalizedText) -> LocalizedText:
    return LocalizedText(message.kk, message.ru, message.en)


def draft_to_proto(revision: Revision, *, whole: bool = False) -> pb.Draft:
    """Return a draft as its message."""
    draft = pb.Draft(
        version=revision.version,
        base_version=revision.base.version,
        catalogue_version=revision.catalogue.version,
        editors=revision.editors,
    )
    for one in revision.differences():
        told = draft.differences.add(successor_id=one.successor_id)
        if one.before is not None:
            told.before.CopyFrom(service_to_proto(one.before, revision.base))
        if one.after is not None:
            told.after.CopyFrom(service_to_proto(one.after, revision.catalogue))
    if whole:
        draft.catalogue.CopyFrom(to_proto(revision.catalogue))
    return draft


def to_proto(catalogue: Catalogue) -> pb.Catalogue:
    """Return a catalogue as its message, which nobody changes: it is kept."""
    return _kept(_Version(catalogue.version, catalogue))


@dataclass(frozen=True, slots=True)
class _Version:
    """A catalogue told from others by its version alone, which is that of its content."""

    version: str
    catalogue: Catalogue = field(compare=False)


@lru_cache(KEPT)
def _kept(version: _Version) -> pb.Catalogue:
    catalogue = version.catalogue
    message = codec.to_proto(catalogue, pb.Catalogue)
    for service, written in zip(catalogue.services, message.services, strict=True):
        _complete(written, service, catalogue)
    return message


def service_to_proto(service: Service, catalogue: Catalogue) -> pb.Service:
    """Return a service of a catalogue as its message."""
    message = codec.to_proto(service, pb.Service)
    _complete(message, service, catalogue)
    return message


def _complete(message: pb.Service, service: Service, catalogue: Catalogue) -> None:
    message.regional = catalogue.is_regional(service)
    for name in OPTIONAL_TEXTS:
        if getattr(service, name).is_empty:
            message.ClearField(name)

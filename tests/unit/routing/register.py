"""A small register of services, as catalog keeps it on disk."""

from pathlib import Path
from typing import Any

from services.catalog.domain import (
    Agency,
    Audience,
    Channel,
    Draft,
    LifeEvent,
    LocalizedText,
    Region,
    Service,
    compose,
)
from services.catalog.store import save_folder


def text(word: str) -> LocalizedText:
    """Return a word as a text in three languages."""
    return LocalizedText(kk=f"{word} kk", ru=f"{word} ru", en=f"{word} en")


def service(id_: str, agency: str, channel: Channel = Channel.ONLINE) -> Service:
    """Return a service of an agency."""
    shared: dict[str, Any] = {"life_event": "life", "audience": Audience.CITIZEN}
    return Service(id=id_, title=text(id_), agency=agency, channel=channel, **shared)


def save(folder: Path) -> Path:
    """Write the register into a folder."""
    draft = Draft(
        name="A small register",
        licence="Apache-2.0",
        origin="Written for tests",
        agencies=(
            Agency("MIA", text("interior")),
            Agency("MTSZN", text("labour")),
            Agency("AKIMAT", text("akimat"), regional=True),
        ),
        regions=(Region("75", text("Almaty")), Region("10", text("Abai"))),
        life_events=(LifeEvent("life", text("life")),),
        services=(
            service("identity.passport", "MIA", Channel.IN_PERSON),
            service("identity.id-card", "MIA"),
            service("social.pension", "MTSZN"),
            service("housing.queue", "AKIMAT"),
        ),
    )
    save_folder(compose(draft), folder)
    return folder

"""`qyzmet access`: which user of Kafka may read an office's topic."""

import re
import secrets
from contextlib import closing
from pathlib import Path

import typer

from deploy.cli import assembly
from deploy.cli.terminal import err, out
from services.catalog.store import bundled_folder, read_folder
from services.chassis import config
from services.chassis.config import Settings
from services.chassis.errors import InvalidError, NotFoundError
from services.delivery import events as delivery

USER = re.compile(r"[A-Za-z0-9._@-]{1,128}")
"""No star, which to the brokers is everybody."""
PASSWORD_BYTES = 24


def access(
    office: str, user: str, folder: Path | None, bus: str, *, password: bool, revoke: bool
) -> None:
    """Give the rights of an office's reader, or take them; show all that the user may do then."""
    from services.chassis.bus.kafka.rights import Rights, reading

    settings = _checked(office, user, folder, bus)
    topic = delivery.topic_of(office)
    wanted = reading(topic, f"office-{office}")
    with closing(Rights(assembly.kafka_connection(settings))) as rights:
        if revoke:
            rights.revoke(user, wanted)
        else:
            _make_topic(settings, office)
            rights.grant(user, wanted)
        if password:
            made = secrets.token_urlsafe(PASSWORD_BYTES)
            rights.set_password(user, made)
            out.print(f"password of {user}, told this once: {made}", soft_wrap=True)
        had = rights.of(user)
    for right in had:
        out.print(f"{user}: {right}", soft_wrap=True)
    if foreign := [right for right in had if not _is_of_an_office(right.name)]:
        err.print(f"{user} may do more than read topics of offices: {len(foreign)} rights")
        raise typer.Exit(1)


def _checked(office: str, user: str, folder: Path | None, bus: str) -> Settings:
    settings = config.load(bus=bus)
    if settings.bus == "embedded":
        raise InvalidError("the embedded bus has no users; give --bus kafka://HOST:PORT")
    if not USER.fullmatch(user):
        raise InvalidError("a user has 1 to 128 letters, digits and . _ @ -", field="user")
    if office not in read_folder(folder or settings.catalogue or bundled_folder()).offices():
        raise NotFoundError(f"the catalogue has no office {office}", reason="OFFICE_NOT_FOUND")
    return settings


def _make_topic(settings: Settings, office: str) -> None:
    with closing(assembly.open_kafka(settings)) as opened:
        opened.ensure_topics([one for one in delivery.topics([office]) if one != delivery.TOPIC])


def _is_of_an_office(name: str) -> bool:
    return name.startswith(("qyzmet.office.", "office-"))

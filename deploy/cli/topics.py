"""`qyzmet topics`: make every topic of Kafka ahead of time, and check those that exist."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import typer
from rich.table import Table

from deploy.cli import assembly
from deploy.cli.terminal import out
from services.audit import events as audit
from services.catalog import events as catalog
from services.catalog.store import bundled_folder, read_folder
from services.chassis import config
from services.chassis.bus.letters import SUFFIX
from services.chassis.bus.port import Topic
from services.chassis.errors import InvalidError
from services.chassis.story import CASES_TOPIC, CORRECTIONS_TOPIC
from services.delivery import events as delivery


def wanted(offices: Iterable[str]) -> Sequence[Topic]:
    """Return every topic that services make where these are the offices."""
    return [
        Topic(CASES_TOPIC + SUFFIX, partitions=1),
        Topic(CORRECTIONS_TOPIC),
        Topic(CORRECTIONS_TOPIC + SUFFIX, partitions=1),
        audit.CHECKPOINTS,
        catalog.TOPIC,
        *delivery.topics(offices),
    ]


def topics(folder: Path | None, bus: str) -> None:
    """Make what is missing, show all, and fail where one that exists differs."""
    settings = config.load(bus=bus)
    if settings.bus == "embedded":
        raise InvalidError("the embedded bus needs no topics; give --bus kafka://HOST:PORT")
    every = wanted(read_folder(folder or settings.catalogue or bundled_folder()).offices())
    with closing(assembly.open_kafka(settings)) as opened:
        differences = opened.make_topics(every)
    differing = {difference.topic for difference in differences}
    table = Table("topic", "partitions", "kept", "")
    for topic in sorted(every, key=lambda topic: topic.name):
        kept = "for ever" if topic.retention is None else f"{topic.retention.days} days"
        told = "[red]differs[/red]" if topic.name in differing else "as it should be"
        table.add_row(topic.name, str(topic.partitions), kept, told)
    out.print(table)
    for one in differences:
        told = f"{one.topic}: {one.setting} is {one.found}, and should be {one.wanted}"
        out.print(f"{told}: {one.remedy}", soft_wrap=True)
    if differences:
        raise typer.Exit(1)

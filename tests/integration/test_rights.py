"""docs/security.md names every topic and group on the brokers that a service uses."""

import importlib
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.cli.assembly import BUILDERS
from services.chassis.application import utc_now
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.embedded.consumer import EmbeddedConsumer
from services.chassis.bus.port import Start, Topic
from services.chassis.testing import platform_in
from tests.system import ROOT

OFFICES = "qyzmet.office."
PAGES = "pages-"
"""Groups of gateways begin so; each has one of its own."""
PREFIX = re.compile(r"with the prefix `([^`]+)`")


@dataclass
class Used:
    """What a service asked of its bus."""

    topics: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)


class ListeningBus(EmbeddedBus):
    """A bus that notes what it is asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, now=utc_now)
        self.used = Used()

    def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """Note the topics, and make them."""
        self.used.topics |= {topic.name for topic in topics}
        super().ensure_topics(topics)

    def check_writing(self, topics: Sequence[str]) -> None:
        """Note the topics that are to be written."""
        self.used.written |= set(topics)
        super().check_writing(topics)

    def consumer(
        self, group: str, topics: Sequence[str], *, member: str, start: Start = Start.EARLIEST
    ) -> EmbeddedConsumer:
        """Note the group, and join it."""
        self.used.groups.add(group)
        return super().consumer(group, topics, member=member, start=start)


def told() -> dict[str, str]:
    """Return the row of each service."""
    page = (ROOT / "docs/security.md").read_text("utf-8")
    table = page[page.index("| service | rights |") :].split("\n\n")[0]
    return dict(re.findall(r"^\| (\w+) \| (.+) \|$", table, re.MULTILINE))


def is_named(name: str, row: str) -> bool:
    """Tell whether rights are on this name, or on what it begins with."""
    return f"`{name}`" in row or name.startswith(tuple(PREFIX.findall(row)))


SERVICES = [name for name in BUILDERS if name != "gateway"]


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """Give every service but the gateway."""
    return str(request.param)


@pytest.fixture(scope="module")
def used(service: str, tmp_path_factory: pytest.TempPathFactory) -> Used:
    """Build the service, and give what it asked of its bus."""
    folder = tmp_path_factory.mktemp(service)
    with (
        platform_in(folder) as platform,
        closing(ListeningBus(folder / "listening.sqlite")) as bus,
    ):
        platform.bus = bus
        importlib.import_module(BUILDERS[service]).build(platform).stop(0.0)
    return bus.used


def test_the_page_names_what_a_service_uses(service: str, used: Used) -> None:
    """By the table as it stands, brokers that refuse all else refuse it nothing."""
    assert used.topics
    names, row = used.topics | used.groups, told()[service]
    assert [name for name in sorted(names) if not is_named(name, row)] == []


def test_a_service_looks_at_its_start_whether_it_may_write(service: str, used: Used) -> None:
    """Wherever the page says that it needs to; offices' topics come with their first case."""
    rights = [right for right in told()[service].split("; ") if "WRITE" in right]
    wanted = {name for right in rights for name in re.findall(r"`([^`]+)`", right)} - {OFFICES}

    assert used.written == wanted


def test_every_service_has_a_row() -> None:
    """The gateway too, which makes its group when it starts."""
    assert told().keys() == {*BUILDERS, "service"}
    assert f"`{PAGES}`" in told()["gateway"]

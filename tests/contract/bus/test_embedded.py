"""The embedded bus keeps what every bus promises."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.bus.embedded import EmbeddedBus, log
from services.chassis.bus.embedded.consumer import TopicRow
from services.chassis.bus.embedded.file import open_for_writing
from services.chassis.bus.port import Message
from tests.contract.bus.cases import GroupContract, MembershipContract, PublishContract
from tests.contract.bus.harness import PATIENCE, Put
from tests.contract.bus.loop_cases import LoopContract
from tests.contract.bus.order_cases import OrderContract
from tests.contract.bus.parking_cases import ParkingContract

SHORT_LEASE = 0.5


@pytest.fixture
def open_bus(tmp_path: Path) -> Callable[[], EmbeddedBus]:
    """Open the same file as often as asked."""
    return lambda: EmbeddedBus(
        tmp_path / "bus.db", now=lambda: datetime.now(UTC), lease=SHORT_LEASE
    )


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write into the file itself, past every bound."""

    def write(message: Message) -> None:
        with closing(open_for_writing(tmp_path / "bus.db", PATIENCE)) as connection:
            columns = "id, name, partitions, retention_ms, compact"
            found = connection.execute(
                f"SELECT {columns} FROM topics WHERE name = ?", [message.topic]
            )
            log.append(connection, {message.topic: TopicRow(*found.fetchone())}, [message], 0)

    return write


class TestEmbeddedPublish(PublishContract):
    """Writing, and reading everything back."""


class TestEmbeddedGroup(GroupContract):
    """Reading as a group."""


class TestEmbeddedMembership(MembershipContract):
    """Several members in one group."""


class TestEmbeddedParking(ParkingContract):
    """What could not be handled waits."""


class TestEmbeddedLoop(LoopContract):
    """Nothing is lost, skipped, overtaken or silently stopped."""


class TestEmbeddedOrders(OrderContract):
    """What was parked is handled again."""

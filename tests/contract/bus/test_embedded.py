"""The embedded bus keeps what every bus promises."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.bus.embedded import EmbeddedBus
from tests.contract.bus.cases import GroupContract, MembershipContract, PublishContract
from tests.contract.bus.loop_cases import LoopContract
from tests.contract.bus.parking_cases import ParkingContract

SHORT_LEASE = 0.2


@pytest.fixture
def open_bus(tmp_path: Path) -> Callable[[], EmbeddedBus]:
    """Open the same file as often as asked."""
    return lambda: EmbeddedBus(
        tmp_path / "bus.db", now=lambda: datetime.now(UTC), lease=SHORT_LEASE
    )


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

"""The values of the bus's port, and its pace."""

import pytest

from services.chassis.bus.pace import Backoff
from services.chassis.bus.port import partition_of


@pytest.mark.parametrize(("key", "partition"), [("case-1", 6), ("case-2", 4), ("іс-1", 7)])
def test_a_key_never_changes_its_partition(key: str, partition: int) -> None:
    """Records that were written years ago must be where their key is looked for."""
    assert partition_of(key, 8) == partition


def test_back_off_grows() -> None:
    """A dependency that is away is not hammered."""
    backoff = Backoff(first=0.1, longest=10.0)

    assert backoff.delay(4) > 2 * backoff.delay(1)


def test_back_off_has_a_longest_wait() -> None:
    """After a night's outage the loop resumes soon."""
    assert Backoff(first=0.1, longest=10.0).delay(10_000) <= 10.0


def test_back_off_is_spread() -> None:
    """Loops that failed together do not all come back together."""
    assert len({Backoff().delay(5) for _ in range(10)}) > 1

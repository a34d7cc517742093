"""What a service does while PostgreSQL's disk is full, and when there is room again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from services.chassis import problems
from services.chassis.errors import ServiceError
from tests.contract.test_database_away import Desk, desk_on
from tests.servers.disk import Disk
from tests.servers.postgres import fill_up, own_on

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def desk(tmp_path: Path, disk: Disk) -> Iterator[Desk]:
    with own_on(disk) as server, desk_on(server, tmp_path) as desk:
        yield desk


def test_a_full_disk_refuses_changes_until_there_is_room(
    desk: Desk, disk: Disk, eventually: Wait
) -> None:
    """With 503; what was accepted stays, the log says why, and nothing is started again."""
    accepted = [desk.submit("k0")]
    refused: list[ServiceError] = []

    def is_refused() -> bool:
        """Submit; the first find room in pages that are there already."""
        key = f"k{len(accepted)}"
        if (error := desk.fails(key)) is None:
            accepted.append(desk.submit(key))
        else:
            refused.append(error)
        return bool(refused)

    fill_up(disk, desk.server.url)
    with structlog.testing.capture_logs() as lines:
        eventually(is_refused)
    disk.free()
    eventually(lambda: desk.fails("after") is None)

    assert problems.telling(refused[0]).http == 503
    assert "DATABASE_FULL" in [line.get("code") for line in lines]
    assert [desk.submit(f"k{number}") for number in range(len(accepted))] == accepted

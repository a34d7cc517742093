"""A start that fails leaves nothing open: no port, no file, no thread."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import exc

from classifier import app as classifier_app
from services.audit import app as audit_app
from services.cases import app as cases_app
from services.catalog import app as catalog_app
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.database import open_database
from services.chassis.errors import UnavailableError
from services.delivery import app as delivery_app
from services.routing import app as routing_app

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="needs to see its own open files"
)

LAST_DOORS = {
    "audit": audit_app.build,
    "cases": cases_app.build,
    "catalog": catalog_app.build,
    "classifier": classifier_app.build,
    "feed": delivery_app.build,
    "routing": routing_app.build,
}
"""The last door each service opens, by its address."""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with testing.platform_in(tmp_path) as platform:
        yield platform


@pytest.fixture
def taken() -> Iterator[str]:
    """Give an address at which somebody listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def left_open(folder: Path) -> set[Path | threading.Thread]:
    """Name the files in a folder that are open, and the threads that run."""
    opened = (Path(f"/proc/self/fd/{name.name}") for name in Path("/proc/self/fd").iterdir())
    files = {path.resolve() for path in opened if folder in path.resolve().parents}
    return {*files, *threading.enumerate()}


@pytest.mark.parametrize("name", LAST_DOORS)
def test_a_taken_port_leaves_nothing_open(
    platform: Platform,
    taken: str,
    tmp_path: Path,
    name: str,
    eventually: Callable[..., None],
) -> None:
    """Databases, channels and threads of a service end with its start."""
    platform.addresses[name] = taken
    before = left_open(tmp_path)

    with pytest.raises(UnavailableError, match="cannot listen"):
        LAST_DOORS[name](platform)

    eventually(lambda: not left_open(tmp_path) - before)


def test_a_door_made_before_the_taken_one_is_free_again(platform: Platform, taken: str) -> None:
    """Delivery has two doors; where the second cannot open, the first does not stay taken."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        platform.addresses["delivery"] = f"127.0.0.1:{free.getsockname()[1]}"
    platform.addresses["feed"] = taken
    with pytest.raises(UnavailableError, match=taken):
        delivery_app.build(platform)

    platform.addresses["feed"] = testing.FREE_PORT
    built = delivery_app.build(platform)

    assert built.addresses["delivery"] == platform.addresses["delivery"]
    built.stop(0.0)


@pytest.mark.parametrize("name", LAST_DOORS)
def test_what_was_built_stops_without_having_started(
    platform: Platform, tmp_path: Path, name: str, eventually: Callable[..., None]
) -> None:
    """Where one service fails to start, those that wait for their turn are put away."""
    before = left_open(tmp_path)

    LAST_DOORS[name](platform).stop(0.0)

    # gRPC's own thread that ends calls may outlive the stop by a moment.
    eventually(lambda: not left_open(tmp_path) - before)


def test_a_database_that_does_not_open_is_closed(
    tmp_path: Path, eventually: Callable[..., None]
) -> None:
    """Its writer ends, and its file is let go."""
    (tmp_path / "catalog.sqlite").write_bytes(b"this was never a database " * 100)
    before = left_open(tmp_path)

    with pytest.raises(exc.DatabaseError):
        open_database(testing.settings_in(tmp_path), "catalog", catalog_app.MIGRATIONS)

    eventually(lambda: not left_open(tmp_path) - before)


def test_a_part_that_fails_to_stop_holds_up_no_other() -> None:
    """The others stop, and what was opened is closed; the failure is told."""
    ended: list[str] = []

    class Stubborn:
        def start(self) -> None: ...

        def stop(self, grace: float) -> None:
            ended.append("stubborn")
            raise TimeoutError

    class Willing(Stubborn):
        def stop(self, grace: float) -> None:
            ended.append("willing")

    built = Application("a", [Willing(), Stubborn()], close=lambda: ended.append("closed"))

    with pytest.raises(TimeoutError):
        built.stop()

    assert ended == ["stubborn", "willing", "closed"]

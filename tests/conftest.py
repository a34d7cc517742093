"""What every tier of tests may ask for."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from deploy.kafka.broker import BrokerError
from deploy.postgres.server import ServerError
from services.chassis.config import Settings
from services.chassis.testing import settings_in
from tests.servers.disk import Disk, NoDiskError, small_disk
from tests.servers.kafka import kafka
from tests.servers.postgres import fresh_database, postgres
from tests.trained import trained

# A busy machine is no reason to fail.
hypothesis.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("untimed")

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.01
DISK_MEGABYTES = 256
"""An empty PostgreSQL takes forty."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    """Say in one line which server cannot be had, whichever fixture wanted it."""
    missing = ""
    try:
        yield
    except (BrokerError, ServerError) as error:
        missing = str(error)
    if missing:  # here, or what led to it would be told as well
        pytest.fail(missing, pytrace=False)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until something becomes true; fail where it does not in time."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "it did not become true in time"
            time.sleep(LOOK_SECONDS)

    return wait


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the bundled model."""
    return trained(tmp_path_factory.mktemp("model"))


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Give a small disk that a server may fill up; where none may be made, skip the test."""
    with ExitStack() as opened:
        try:
            made = opened.enter_context(small_disk(DISK_MEGABYTES))
        except NoDiskError as error:
            pytest.skip(str(error.__doc__))
        yield made


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one Kafka broker for all tests that need one, and give its address."""
    with kafka(tmp_path_factory.mktemp("kafka") / "broker") as address:
        yield address


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run one PostgreSQL server for all tests that need one, and give its address."""
    with postgres() as address:
        yield address


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give an empty PostgreSQL database, as the setting QYZMET_DATABASE names it."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest) -> str:
    """Run the test on each kind of database: the value of the setting QYZMET_DATABASE."""
    if request.param == "sqlite":
        return "sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def settings(tmp_path: Path, stored: str) -> Settings:
    """Give settings of a service, once for each kind of database."""
    return settings_in(tmp_path, database=stored)

"""What every tier of tests may ask for."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.kafka import kafka
from tests.system import System

PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.01


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
    """Train the bundled model once for all tests, and return its folder."""
    data = tmp_path_factory.mktemp("model")
    trained = System(data).run("train")
    assert trained.returncode == 0, trained.stderr
    return data / "models" / (data / "models" / "live").read_text().strip()


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one Kafka broker for all tests that need one, and give its address."""
    with kafka(tmp_path_factory.mktemp("kafka") / "broker") as address:
        yield address

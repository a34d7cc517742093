"""What every tier of tests may ask for."""

import time
from collections.abc import Callable

import pytest

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

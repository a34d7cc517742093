"""Work that is done again and again, by one of several."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from services.chassis.config import Settings
from services.chassis.database import Database
from services.chassis.outbox import Lease, leases_table
from services.chassis.ticker import Ticker
from tests.unit.chassis.notebook import bare

Eventually = Callable[[Callable[[], object]], None]
LONG = 3600.0

metadata = sa.MetaData()
leases = leases_table(metadata)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = bare(settings, "some", metadata)
    yield database
    database.close()


@contextmanager
def ticking(
    database: Database, work: Callable[[], bool], holder: str = "a", *, seconds: float = LONG
) -> Iterator[None]:
    ticker = Ticker(work, database, Lease(leases, "some", holder, LONG), seconds=seconds)
    ticker.start()
    try:
        yield
    finally:
        ticker.stop(20.0)


def test_where_there_is_more_it_is_done_at_once(database: Database, eventually: Eventually) -> None:
    """A batch that was full is followed by the next, without a pause."""
    left = [3]

    def work() -> bool:
        left[0] -= 1
        return left[0] > 0

    with ticking(database, work):
        eventually(lambda: left == [0])


def test_it_is_done_again_and_again(database: Database, eventually: Eventually) -> None:
    """Also where there is nothing to do."""
    done: list[bool] = []

    with ticking(database, lambda: bool(done.append(True)), seconds=0.01):
        eventually(lambda: len(done) > 3)


def test_of_two_one_works(database: Database, eventually: Eventually) -> None:
    """The one with the lease."""
    done: list[str] = []

    with ticking(database, lambda: bool(done.append("a")), "a", seconds=0.01):
        eventually(lambda: done)
        with ticking(database, lambda: bool(done.append("b")), "b", seconds=0.01):
            seen = len(done)
            eventually(lambda: len(done) > seen + 5)

    assert set(done) == {"a"}

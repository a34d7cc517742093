"""The idempotent consumer: events take effect once, together with what is made of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from services.chassis import inbox
from services.chassis.config import Settings
from services.chassis.database import Database
from services.chassis.story import GapError
from tests.unit.chassis.notebook import bare

METADATA = sa.MetaData()
SEEN = inbox.seen_table(METADATA)


@dataclass(frozen=True)
class Told:
    """As little as an event can tell."""

    case_id: str
    case_version: int


FIRST, SECOND, THIRD = (Told("c1", version) for version in (1, 2, 3))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = bare(settings, "inbox", METADATA)
    yield database
    database.close()


def take(database: Database, *events: Told) -> list[Told]:
    return list(database.change(lambda connection: inbox.take(connection, SEEN, events)))


def test_a_repeated_event_is_taken_once(database: Database) -> None:
    """What a batch brings again is dropped, within the batch and after it."""
    assert take(database, FIRST, FIRST, SECOND) == [FIRST, SECOND]

    assert take(database, FIRST, SECOND, THIRD) == [THIRD]


def test_a_batch_with_a_hole_is_not_taken(database: Database) -> None:
    """Nothing of it is marked as seen, so that it can come again whole."""
    with pytest.raises(GapError):
        take(database, FIRST, THIRD)

    assert take(database, FIRST, SECOND, THIRD) == [FIRST, SECOND, THIRD]


def test_what_fails_afterwards_is_taken_again(database: Database) -> None:
    """What was seen commits with what was made of it, or not at all."""

    def fail(connection: sa.Connection) -> None:
        inbox.take(connection, SEEN, [FIRST])
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        database.change(fail)

    assert take(database, FIRST) == [FIRST]


def test_nothing_new_is_nothing(database: Database) -> None:
    """An empty batch, and one that was seen whole, are not an error."""
    take(database, FIRST)

    assert take(database) == take(database, FIRST) == []


def test_of_two_consumers_one_takes_an_event(database: Database, settings: Settings) -> None:
    """Also the first of a case, of which nothing is seen yet."""
    other = bare(settings, "inbox", METADATA)
    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            story = [Told(f"c{number}", 1), Told(f"c{number}", 2)]
            both = [pool.submit(take, each, *story) for each in (database, other)]

            assert sorted(len(taken.result()) for taken in both) == [0, 2]
    other.close()

"""Waking streams: from another thread, by a look at the database, and at the end."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import pytest

from services.chassis.errors import OverloadedError, UnavailableError
from services.delivery.rpc.arrivals import LONGEST_AT_HAND, MOST_AT_HAND, Arrivals
from tests.unit.delivery.parcels import entry
from tests.unit.delivery.stories import NOON

PATIENCE = 20.0
SECOND = timedelta(seconds=1)
NEVER = 3600.0


class Feeds:
    """The ends of feeds as another process leaves them in the database."""

    def __init__(self) -> None:
        self.ends: dict[str, int] = {}
        self.is_away = False

    async def look(self, offices: Collection[str]) -> Mapping[str, int]:
        if self.is_away:
            self.is_away = False
            raise UnavailableError
        return {office: self.ends[office] for office in offices if office in self.ends}


def test_an_announcement_wakes_from_another_thread() -> None:
    """A stream that waits goes on when the consumer's thread announces."""

    async def story() -> None:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"):
            waiting = asyncio.create_task(arrivals.beyond("MIA", 0))
            await asyncio.sleep(0)
            await asyncio.to_thread(arrivals.announce, [entry(1)])
            await asyncio.wait_for(waiting, PATIENCE)
        arrivals.close()

    asyncio.run(story())


def test_an_announcement_before_the_wait_is_not_lost() -> None:
    """What came between reading a page and waiting is known."""

    async def story() -> None:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"):
            arrivals.announce([entry(3)])
            await asyncio.sleep(0)
            await asyncio.wait_for(arrivals.beyond("MIA", 2), PATIENCE)
        arrivals.close()

    asyncio.run(story())


def test_another_office_wakes_nobody() -> None:
    """A stream sleeps through what is not its own."""

    async def story() -> bool:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"), arrivals.follow("akimat-75"):
            other = asyncio.create_task(arrivals.beyond("MIA", 0))
            arrivals.announce([entry(1, office="akimat-75")])
            await asyncio.wait_for(arrivals.beyond("akimat-75", 0), PATIENCE)
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)
            return other.cancelled()

    assert asyncio.run(story())


@pytest.mark.parametrize("is_away", [False, True])
def test_a_look_finds_what_another_process_delivered(is_away: bool) -> None:
    """Nobody announces, and one look that fails is followed by the next."""

    async def story() -> None:
        feeds = Feeds()
        feeds.ends, feeds.is_away = {"MIA": 1}, is_away
        arrivals = Arrivals(feeds.look, look_seconds=0.01)
        with arrivals.follow("MIA"):
            await asyncio.wait_for(arrivals.beyond("MIA", 0), PATIENCE)

    asyncio.run(story())


def at_hand(told: Sequence[Sequence[int]], after: int) -> list[int]:
    """Return what a stream finds at hand after these announcements, by sequence."""

    async def story() -> list[int]:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"):
            for sequences in told:
                arrivals.announce([entry(sequence) for sequence in sequences])
            await asyncio.sleep(0)
            found = arrivals.at_hand("MIA", after)
        arrivals.close()
        return [arrived.entry.sequence for arrived in found]

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("after", "found"), [(3, [4, 5, 6]), (4, [5, 6]), (6, []), (9, []), (2, []), (0, [])]
)
def test_what_was_announced_is_at_hand(after: int, found: list[int]) -> None:
    """From where a stream stands on; nothing where there would be a gap before it."""
    assert at_hand([[4, 5], [6]], after) == found


def test_what_another_process_delivered_between_leaves_no_gap_at_hand() -> None:
    """What came before it is let go, so that the stream reads."""
    assert at_hand([[1, 2], [5]], 2) == []
    assert at_hand([[1, 2], [5]], 4) == [5]


def test_only_so_much_is_at_hand() -> None:
    """A stream that stays behind costs no memory; it reads."""
    told = [range(1, MOST_AT_HAND + 11)]

    assert at_hand(told, 0) == []
    assert len(at_hand(told, 10)) == MOST_AT_HAND


@pytest.mark.parametrize(("after", "found"), [(0, []), (1, []), (2, [3]), (3, [])])
def test_what_came_long_ago_is_not_at_hand(after: int, found: list[int]) -> None:
    """A feed that is seldom added to holds no memory for streams that have read it long since."""

    async def story() -> list[int]:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"):
            arrivals.announce([entry(1), entry(2)])
            arrivals.announce([entry(3, time=NOON + LONGEST_AT_HAND + SECOND)])
            await asyncio.sleep(0)
            told = arrivals.at_hand("MIA", after)
        arrivals.close()
        return [arrived.entry.sequence for arrived in told]

    assert asyncio.run(story()) == found


def test_closing_ends_who_waits() -> None:
    """A stream that waits is told that the server stops."""

    async def story() -> None:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"):
            waiting = asyncio.create_task(arrivals.beyond("MIA", 0))
            await asyncio.sleep(0)
            arrivals.close()
            await asyncio.wait_for(waiting, PATIENCE)

    with pytest.raises(UnavailableError):
        asyncio.run(story())


def test_there_are_only_so_many_streams() -> None:
    """One stream too many is refused; one that ended makes room."""

    async def story() -> None:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER, max_streams=1)
        with arrivals.follow("MIA"), pytest.raises(OverloadedError), arrivals.follow("MIA"):
            pass
        with arrivals.follow("MIA"):
            arrivals.close()

    asyncio.run(story())


def test_an_office_with_too_many_streams_locks_out_itself_only() -> None:
    """It hears a code of its own, another office still gets in, and one that ended makes room."""

    async def story() -> str:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER, max_of_office=1)
        with (
            arrivals.follow("MIA"),
            arrivals.follow("MJ"),
            pytest.raises(OverloadedError) as refused,
            arrivals.follow("MIA"),
        ):
            pass
        with arrivals.follow("MIA"):
            arrivals.close()
        return refused.value.reason

    assert asyncio.run(story()) == "TOO_MANY_STREAMS"

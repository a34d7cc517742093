"""Waking streams: from another thread, by a look at the database, and at the end."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from services.chassis.errors import OverloadedError, UnavailableError
from services.delivery.rpc.arrivals import Arrivals

PATIENCE = 20.0
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
            await asyncio.to_thread(arrivals.announce, {"MIA": 1})
            await asyncio.wait_for(waiting, PATIENCE)
        arrivals.close()

    asyncio.run(story())


def test_an_announcement_before_the_wait_is_not_lost() -> None:
    """What came between reading a page and waiting is known."""

    async def story() -> None:
        arrivals = Arrivals(Feeds().look, look_seconds=NEVER)
        with arrivals.follow("MIA"):
            arrivals.announce({"MIA": 3})
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
            arrivals.announce({"akimat-75": 1})
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

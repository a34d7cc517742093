"""What streams know of their subscriptions: one reading for all, and never an old one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import pytest

from services.delivery.domain.subscriptions import (
    Filter,
    Kind,
    Subscription,
    UnknownSubscriptionError,
)
from services.delivery.rpc.book import FRESH_SECONDS, Book
from tests.unit.delivery.parcels import subscription

DESK = subscription(kind=Kind.STREAM, url="")
ACCEPTED = Filter(types=("accepted",))


@dataclass
class Shelf:
    """Subscriptions as the database has them, a clock, and how often somebody looked."""

    kept: list[Subscription] = field(default_factory=lambda: [DESK])
    looks: list[Collection[str]] = field(default_factory=list)
    now: float = 100.0

    async def read(self, offices: Collection[str]) -> Sequence[Subscription]:
        self.looks.append(offices)
        await asyncio.sleep(0)
        return [one for one in self.kept if one.office in offices]

    def book(self) -> Book:
        return Book(self.read, lambda: self.now)


def run(shelf: Shelf, story: Callable[[Book], Awaitable[None]]) -> None:
    async def whole() -> None:
        book = shelf.book()
        with book.follow("MIA"):
            await story(book)

    asyncio.run(whole())


def test_many_streams_look_once() -> None:
    """Those that wake together share a reading, and those after them too."""
    shelf = Shelf()

    async def story(book: Book) -> None:
        await asyncio.gather(*(book.find("MIA", "desk") for _ in range(100)))
        await book.find("MIA", "desk")

    run(shelf, story)

    assert shelf.looks == [("MIA",)]


def test_a_change_holds_at_once() -> None:
    """Whoever changes a subscription here says so."""
    shelf = Shelf()

    async def story(book: Book) -> None:
        await book.find("MIA", "desk")
        shelf.kept = [replace(DESK, filter=ACCEPTED)]
        book.changed()
        assert (await book.find("MIA", "desk")).filter == ACCEPTED

    run(shelf, story)


def test_a_change_while_somebody_looks_is_not_overlooked() -> None:
    """What was read before it is read again."""
    shelf = Shelf()

    async def story(book: Book) -> None:
        looking = asyncio.create_task(book.find("MIA", "desk"))
        await asyncio.sleep(0)
        shelf.kept = [replace(DESK, filter=ACCEPTED)]
        book.changed()
        await looking
        assert (await book.find("MIA", "desk")).filter == ACCEPTED

    run(shelf, story)


def test_a_change_elsewhere_is_seen_in_time() -> None:
    """Another process says nothing; what was read is believed for so long and no longer."""
    shelf = Shelf()

    async def story(book: Book) -> None:
        await book.find("MIA", "desk")
        shelf.kept = [replace(DESK, filter=ACCEPTED)]
        assert (await book.find("MIA", "desk")).filter == DESK.filter
        shelf.now += FRESH_SECONDS
        assert (await book.find("MIA", "desk")).filter == ACCEPTED

    run(shelf, story)


def test_a_subscription_that_is_gone_is_not_found() -> None:
    """Its streams end."""
    shelf = Shelf()

    async def story(book: Book) -> None:
        await book.find("MIA", "desk")
        shelf.kept = []
        book.changed()
        with pytest.raises(UnknownSubscriptionError):
            await book.find("MIA", "desk")

    run(shelf, story)


def test_an_office_nobody_follows_is_not_read() -> None:
    """When its last stream ends, it is let go."""
    shelf = Shelf()

    async def story(book: Book) -> None:
        with book.follow("akimat-75"):
            await book.find("MIA", "desk")
        book.changed()
        await book.find("MIA", "desk")

    run(shelf, story)

    assert [sorted(offices) for offices in shelf.looks] == [["MIA", "akimat-75"], ["MIA"]]

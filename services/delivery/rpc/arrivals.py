"""Who waits for which feed to grow: one place that wakes all open streams.

The consumer announces what it delivered from its own thread. The last of it stays at hand for a
moment, so that all streams that keep up share what was read once, and ask the database for
nothing. Where the consumer runs in another process, a slow look at the ends of the followed feeds
takes its place: one query for all streams together.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

import structlog

from services.chassis.errors import OverloadedError, ServiceError, UnavailableError
from services.delivery.domain import FeedEntry
from services.delivery.rpc.message import Arrived

MAX_STREAMS = 2000
MAX_OF_OFFICE = 20
MOST_AT_HAND = 64
"""Of each followed feed: more than come while a stream that keeps up writes a page."""
LONGEST_AT_HAND = timedelta(seconds=5)
"""Whoever is further behind reads pages; memory is that of the rate, not of how many feeds."""
LOOK_SECONDS = 1.0

Look = Callable[[Collection[str]], Awaitable[Mapping[str, int]]]

log = structlog.get_logger()


class TooManyStreamsError(OverloadedError):
    """This office has as many streams open here as it may; end one, or come back later."""

    reason = "TOO_MANY_STREAMS"


@dataclass(slots=True)
class _Followed:
    """A feed that streams follow: how far it reaches, as far as we were told, and its tail."""

    end: int = 0
    followers: int = 0
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    tail: deque[Arrived] = field(default_factory=lambda: deque(maxlen=MOST_AT_HAND))
    """What came last, without a gap."""

    def take(self, entry: FeedEntry) -> None:
        """Add an entry to the tail, and let go what is old; a gap begins a new one."""
        if self.tail and entry.sequence != self.tail[-1].entry.sequence + 1:
            self.tail.clear()
        oldest = entry.enqueue_time - LONGEST_AT_HAND
        while self.tail and self.tail[0].entry.enqueue_time < oldest:
            self.tail.popleft()
        self.tail.append(Arrived.of(entry))
        self.end = max(self.end, entry.sequence)

    def after(self, sequence: int) -> Sequence[Arrived]:
        """Return what follows on a sequence, where the tail reaches back to it."""
        if not self.tail or (skipped := sequence + 1 - self.tail[0].entry.sequence) < 0:
            return []
        return list(islice(self.tail, skipped, None))


class Arrivals:
    """Wakes streams; everything but `announce` and `close` belongs to the streams' event loop."""

    def __init__(
        self,
        look: Look,
        *,
        look_seconds: float = LOOK_SECONDS,
        max_streams: int = MAX_STREAMS,
        max_of_office: int = MAX_OF_OFFICE,
    ) -> None:
        self._look = look
        self._look_seconds = look_seconds
        self._max_streams = max_streams
        self._max_of_office = max_of_office
        self._streams = 0
        self._followed: dict[str, _Followed] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def announce(self, entries: Sequence[FeedEntry]) -> None:
        """Say from any thread what came into feeds, each feed's in order."""
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._take, entries)

    def close(self) -> None:
        """End all streams, from any thread; they tell their callers to come back later."""
        self._closed = True
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake_all)

    @contextmanager
    def follow(self, office: str) -> Iterator[None]:
        """Count a stream of this office in, for as long as the block lasts."""
        self.check_open()
        if self._streams >= self._max_streams:
            raise OverloadedError("too many streams are open")
        followed = self._followed.get(office, _Followed())
        if followed.followers >= self._max_of_office:  # one office locks out itself, nobody else
            raise TooManyStreamsError(field="office")
        self._followed[office] = followed
        self._loop = asyncio.get_running_loop()
        followed.followers += 1
        self._streams += 1
        self._keep_looking(self._loop)
        try:
            yield
        finally:
            self._streams -= 1
            followed.followers -= 1
            if not followed.followers:
                del self._followed[office]

    async def beyond(self, office: str, sequence: int) -> None:
        """Wait until a followed feed reaches beyond the sequence; UnavailableError on closing."""
        followed = self._followed[office]
        self.check_open()
        while followed.end <= sequence:
            await followed.grown.wait()
            self.check_open()

    def at_hand(self, office: str, sequence: int) -> Sequence[Arrived]:
        """Return what follows on a sequence of a followed feed; nothing where it must be read."""
        return self._followed[office].after(sequence)

    def check_open(self) -> None:
        """Raise UnavailableError once we are closing."""
        if self._closed:
            raise UnavailableError("this server is stopping; subscribe again")

    def _take(self, entries: Sequence[FeedEntry]) -> None:
        grown = set()
        for entry in entries:
            if (followed := self._followed.get(entry.office)) is not None:
                followed.take(entry)
                grown.add(entry.office)
        for office in grown:
            self._wake(self._followed[office])

    def _raise_ends(self, ends: Mapping[str, int]) -> None:
        for office in self._followed.keys() & ends.keys():
            followed = self._followed[office]
            if ends[office] > followed.end:
                followed.end = ends[office]
                self._wake(followed)

    def _wake_all(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        for followed in self._followed.values():
            self._wake(followed)

    def _wake(self, followed: _Followed) -> None:
        followed.grown.set()
        followed.grown = asyncio.Event()

    def _keep_looking(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._looking is None or self._looking.done():
            self._looking = loop.create_task(self._look_on())

    async def _look_on(self) -> None:
        """Look at the followed feeds for as long as there are any."""
        while self._followed:
            await asyncio.sleep(self._look_seconds)
            try:
                self._raise_ends(await self._look(tuple(self._followed)))
            except ServiceError as error:
                log.warning("feeds not looked at", code=error.reason)

"""Who looks at which case now, told when it moves: one reader of the bus for all open pages."""

import asyncio
import secrets
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial

import prometheus_client

from gateway.http.problems import BusyError
from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis import codec
from services.chassis.bus.port import Bus, LostGroupError, Record, Start, Topic
from services.chassis.errors import OverloadedError
from services.chassis.rounds import Rest, Rounds
from services.chassis.story import CASES_TOPIC

TOPIC = Topic(CASES_TOPIC)
MOST_PAGES = 3000
MOST_OF_ONE = 20
"""Of them one person has open, so that nobody takes the room of all."""
BATCH = 500
POLL_SECONDS = 0.5
SPACING_SECONDS = 0.1
"""Rest between two readings where there was something: people do not see the difference."""
AGAIN = Rest.whole(2.0)
"""After the bus was away, or the group was lost; pages say nothing new meanwhile."""
HEARTBEAT_SECONDS = 25.0
"""A line that says nothing, so that nobody between us and the browser takes it for dead."""
LONGEST_SECONDS = 3600.0
"""Then the browser asks again, and is looked at anew."""

FOLLOWED = prometheus_client.Gauge("qyzmet_pages_followed", "Open pages that follow a case.")
HEARS = prometheus_client.Gauge(
    "qyzmet_pages_watch_hears", "Gateways here whose open pages hear of what happens."
)
LOOK = -1
"""Given in the place of a version: something may have happened while nobody listened."""


class TooManyPagesError(OverloadedError):
    """You have too many pages open that follow a case; close some of them."""

    reason = "TOO_MANY_PAGES"


class Follower:
    """One open page of one case."""

    def __init__(self) -> None:
        self.version = 0
        self.looks = False
        self._moved = asyncio.Event()

    def tell(self, version: int) -> None:
        """Say that the case has this version now; 0 ends the waiting."""
        self.version = max(self.version, version)
        self._moved.set()

    def look(self) -> None:
        """Say that something may have been missed."""
        self.looks = True
        self._moved.set()

    async def moved(self, seconds: float) -> bool:
        """Wait until something is told; False where nothing was in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        told = self._moved.is_set()
        self._moved.clear()
        return told


class Watch:
    """Reads the stories of all cases and wakes the pages that show one of them."""

    def __init__(
        self, bus: Bus, member: str, *, most: int = MOST_PAGES, most_of_one: int = MOST_OF_ONE
    ) -> None:
        self._bus = bus
        self._member = member
        self._most = most
        self._most_of_one = most_of_one
        self._followers: defaultdict[str, set[Follower]] = defaultdict(set)
        self._count = 0
        self._of: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._rounds = Rounds("pages-watch", self._read, failed=AGAIN)

    def start(self) -> None:
        """Begin to read."""
        self._rounds.start()

    def stop(self, grace: float) -> None:
        """End every stream, so that the door can close, and read no more."""
        self._stopping.set()
        self._on_loop(self._end_all)
        self._rounds.stop(grace)

    @contextmanager
    def follow(self, case_id: str, person: str = "") -> Iterator[Follower]:
        """Follow a case for as long as a page is open; BusyError where too many are.

        TooManyPagesError where too many are this person's; empty for whoever is no single person.
        """
        if self._count >= self._most:
            raise BusyError
        if person and self._of[person] >= self._most_of_one:
            raise TooManyPagesError
        self._loop = asyncio.get_running_loop()
        follower = Follower()
        self._followers[case_id].add(follower)
        self._count += 1
        self._of[person] += 1
        FOLLOWED.inc()
        try:
            yield follower
        finally:
            self._count -= 1
            self._of[person] -= 1
            if not self._of[person]:
                del self._of[person]
            FOLLOWED.dec()
            self._followers[case_id].discard(follower)
            if not self._followers[case_id]:
                del self._followers[case_id]

    async def moves(self, follower: Follower, seen: int) -> AsyncIterator[int]:
        """Give each newer version a follower is told of, or LOOK; 0 now and then for nothing."""
        end = asyncio.get_running_loop().time() + LONGEST_SECONDS
        while not self._stopping.is_set() and asyncio.get_running_loop().time() < end:
            await follower.moved(HEARTBEAT_SECONDS)
            if follower.version > seen:
                seen = follower.version
                yield seen
            else:
                yield LOOK if follower.looks else 0
            follower.looks = False

    def _read(self) -> Rest:
        """Read until we stop, under a group of this process alone: each must hear of every case.

        Nothing is committed: what happened before is read where it is kept.
        """
        self._bus.ensure_topics([TOPIC])
        group = f"pages-{self._member}-{secrets.token_hex(4)}"
        opened = self._bus.consumer(group, [TOPIC.name], member=self._member, start=Start.LATEST)
        generation = None
        with suppress(LostGroupError), closing(opened) as consumer, ExitStack() as hearing:
            while not self._stopping.is_set():
                records = consumer.poll(BATCH, POLL_SECONDS)
                if followed := [one for one in records if one.key in self._followers]:
                    self._on_loop(partial(self._tell, _newest(followed)))
                if (now := consumer.assignment).partitions and now.generation != generation:
                    if generation is None:
                        HEARS.inc()
                        hearing.callback(HEARS.dec)
                    generation = now.generation
                    self._on_loop(self._look_all)
                if records:
                    self._stopping.wait(SPACING_SECONDS)
        return AGAIN

    def _on_loop(self, work: Callable[[], None]) -> None:
        """Do it on the loop of the followers; nobody follows where there is none."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(work)

    def _tell(self, newest: Mapping[str, int]) -> None:
        for case_id, version in newest.items():
            for follower in self._followers.get(case_id, ()):
                follower.tell(version)

    def _look_all(self) -> None:
        for followers in self._followers.values():
            for follower in followers:
                follower.look()

    def _end_all(self) -> None:
        for followers in self._followers.values():
            for follower in followers:
                follower.tell(0)


def _newest(records: Sequence[Record]) -> Mapping[str, int]:
    """Return the newest version of each case that records tell of; what they say is not read."""
    found: dict[str, int] = {}
    for record in records:
        with suppress(codec.MalformedEventError):
            _, data = codec.from_record(record)
            found[record.key] = codec.decode(data, pb.CaseEvent).case_version
    return found

"""The subscriptions that streams follow, as they are now: read for all streams together."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from services.delivery.domain.subscriptions import Subscription, UnknownSubscriptionError

FRESH_SECONDS = 0.5
"""As long is believed what was read; a change made in another process is seen after that."""

Read = Callable[[Collection[str]], Awaitable[Sequence[Subscription]]]
"""Reads the streams' subscriptions of offices."""


class Book:
    """What streams know of their subscriptions; all but `changed` belongs to their event loop."""

    def __init__(self, read: Read, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._monotonic = monotonic
        self._offices: Counter[str] = Counter()
        self._known: Mapping[tuple[str, str], Subscription] = {}
        self._reading = asyncio.Lock()
        self._changes = 1
        self._seen = 0
        self._read_at = 0.0

    def changed(self) -> None:
        """Say from any thread that a subscription changed: it holds from the next event on."""
        self._changes += 1

    @contextmanager
    def follow(self, office: str) -> Iterator[None]:
        """Keep an office's subscriptions at hand, for as long as the block lasts."""
        self._offices[office] += 1
        self.changed()
        try:
            yield
        finally:
            self._offices[office] -= 1
            self._offices += Counter()  # drops those nobody follows any more

    async def find(self, office: str, name: str) -> Subscription:
        """Return a subscription as it is now, or raise UnknownSubscriptionError."""
        if not self._is_fresh():
            async with self._reading:
                if not self._is_fresh():
                    await self._look()
        if (found := self._known.get((office, name))) is None:
            raise UnknownSubscriptionError(field="name")
        return found

    def _is_fresh(self) -> bool:
        is_young = self._monotonic() - self._read_at < FRESH_SECONDS
        return is_young and self._seen == self._changes

    async def _look(self) -> None:
        changes, began = self._changes, self._monotonic()
        found = await self._read(tuple(self._offices))
        self._known = {(one.office, one.name): one for one in found}
        self._seen, self._read_at = changes, began

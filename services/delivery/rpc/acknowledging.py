"""How far streams were worked on: written on threads of its own, of a subscription the newest only.

What readers acknowledge faster than it is written comes together to one write, so that it neither
piles up nor waits before the pages that all streams read.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from services.chassis.principal import Principal

WRITERS = 8


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """How far somebody says that a subscription was worked on."""

    principal: Principal
    office: str
    name: str
    sequence: int


Write = Callable[[Acknowledged], int]
"""Moves a cursor and returns where it stands, or refuses."""
Waiting = list[tuple[Acknowledged, "asyncio.Future[int]"]]


class Acknowledging:
    """Writes acknowledgements; but for its threads it belongs to the event loop of the streams."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="acknowledge")
        self._waiting: dict[tuple[str, str], Waiting] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Let the writers go, after the door is closed."""
        self._writers.shutdown()

    async def take(self, told: Acknowledged) -> int:
        """Return where the cursor stands once it stands there at least, or raise the refusal."""
        of = (told.office, told.name)
        written = asyncio.get_running_loop().create_future()
        if of in self._waiting:
            self._waiting[of].append((told, written))
        else:
            self._waiting[of] = [(told, written)]
            task = asyncio.create_task(self._write_all(of))
            self._writing.add(task)  # the loop itself keeps no hold of it
            task.add_done_callback(self._writing.discard)
        return int(await written)

    async def _write_all(self, of: tuple[str, str]) -> None:
        """Write until nobody waits: whoever comes during a write waits for the next one."""
        while waiting := self._waiting[of]:
            self._waiting[of] = []
            await self._write_newest(waiting)
        del self._waiting[of]

    async def _write_newest(self, waiting: Waiting) -> None:
        """Write the newest; where it is refused, the others do not fall with it."""
        at = 0
        loop = asyncio.get_running_loop()
        for told, written in sorted(waiting, key=lambda one: one[0].sequence, reverse=True):
            try:
                if told.sequence > at:
                    at = await loop.run_in_executor(self._writers, self._write, told)
            except Exception as error:  # noqa: BLE001  handed to the caller who waits for it
                if not written.done():  # else that caller has gone
                    written.set_exception(error)
            else:
                if not written.done():
                    written.set_result(at)

"""Calls that arrive together share one computation.

They are computed on the event loop itself: a worker thread beside it fights with the loop for
the interpreter's lock, and 64 callers got about half as many answers a second from one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classifier.domain import Asked, Classification
from services.chassis.errors import DeadlineError, OverloadedError

MAX_TEXTS_AT_ONCE = 256
"""Texts of one computation; a larger batch is a computation of its own."""
PAUSE_SECONDS = 0.002
"""Calls are let in one by one: this long none came, then all that will come are here."""
MAX_TEXTS_WAITING = 4096
"""About a second of work; whoever comes later is better told to come again."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    texts: Sequence[Asked]
    deadline: float
    answer: asyncio.Future[list[Classification]]


class Coalescer:
    """Gathers texts on an event loop until a moment brings no more, and computes all at once.

    The loop stands still for a computation, at most `max_at_once` texts long; what comes
    meanwhile goes into the next one together. Texts whose caller has gone are dropped.
    """

    def __init__(
        self,
        compute: Callable[[Sequence[Asked]], list[Classification]],
        *,
        max_at_once: int = MAX_TEXTS_AT_ONCE,
        max_waiting: int = MAX_TEXTS_WAITING,
    ) -> None:
        self._compute = compute
        self._max_at_once = max_at_once
        self._max_waiting = max_waiting
        self._waiting: deque[_Waiting] = deque()
        self._texts_waiting = 0
        self._running: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Tell whether somebody waits for an answer."""
        return self._running is not None

    async def classify(self, texts: Sequence[Asked], *, seconds: float) -> list[Classification]:
        """Return an answer for each text within the time, or raise."""
        if self._texts_waiting + len(texts) > self._max_waiting:
            raise OverloadedError
        loop = asyncio.get_running_loop()
        waiting = _Waiting(texts, loop.time() + seconds, loop.create_future())
        self._waiting.append(waiting)
        self._texts_waiting += len(texts)
        if self._running is None:
            self._running = loop.create_task(self._run())
        try:
            async with asyncio.timeout(seconds):
                return await waiting.answer
        except TimeoutError as error:
            raise DeadlineError from error

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                if together := self._take():
                    self._answer(together)
        finally:
            self._running = None

    async def _gather(self) -> None:
        """Let callers in while they come: one matrix for all costs little more than for one."""
        before = -1
        while before < self._texts_waiting < self._max_at_once:
            before = self._texts_waiting
            await asyncio.sleep(PAUSE_SECONDS)

    def _take(self) -> list[_Waiting]:
        now = asyncio.get_running_loop().time()
        together: list[_Waiting] = []
        count = 0
        while self._waiting and (
            not together or count + len(self._waiting[0].texts) <= self._max_at_once
        ):
            waiting = self._waiting.popleft()
            self._texts_waiting -= len(waiting.texts)
            if not waiting.answer.done() and waiting.deadline > now:
                together.append(waiting)
                count += len(waiting.texts)
        return together

    def _answer(self, together: list[_Waiting]) -> None:
        texts = [text for waiting in together for text in waiting.texts]
        try:
            answers = self._compute(texts)
        except Exception as error:  # noqa: BLE001  every caller is told; the door logs it
            _fail(together, error)
            return
        for waiting in together:
            own, answers = answers[: len(waiting.texts)], answers[len(waiting.texts) :]
            if not waiting.answer.done():
                waiting.answer.set_result(own)


def _fail(together: list[_Waiting], error: Exception) -> None:
    for waiting in together:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)

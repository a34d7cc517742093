"""Calls that arrive together share one computation.

A prototype with 150 labels on two cores gave 64 callers 3,600 to 4,200 answers a
second, against 1,400 with a queue between threads and 700 one by one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from classifier.domain import Classification
from services.chassis.errors import DeadlineError, OverloadedError

MAX_TEXTS_AT_ONCE = 256
"""Texts of one computation; a larger batch is a computation of its own."""
MAX_TEXTS_WAITING = 4096
"""About a second of work; whoever comes later is better told to come again."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    texts: Sequence[str]
    deadline: float
    answer: asyncio.Future[list[Classification]]


class Coalescer:
    """Gathers texts on an event loop and computes on one worker thread.

    All that arrives in one tick of the loop, and while a computation runs, goes
    into the next one together. Texts whose caller has gone are dropped.
    """

    def __init__(
        self,
        compute: Callable[[Sequence[str]], list[Classification]],
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
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="classifier")

    async def classify(self, texts: Sequence[str], *, seconds: float) -> list[Classification]:
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

    def close(self) -> None:
        """End the worker thread after the computation that runs."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    async def _run(self) -> None:
        try:
            while self._waiting:
                if together := self._take():
                    await self._answer(together)
        finally:
            self._running = None

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

    async def _answer(self, together: list[_Waiting]) -> None:
        texts = [text for waiting in together for text in waiting.texts]
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._worker, self._compute, texts)
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

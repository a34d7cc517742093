"""A candidate that sees what the live model sees, and is never listened to.

Texts wait in a bounded queue; where it is full they are dropped and counted. One thread takes
one text at a time, steps aside while calls are being answered, and rests between two texts, so
that an answer waits for it a millisecond at most. Nothing it does can change an answer: it gets
texts and answers after they were made.
"""

import hashlib
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from classifier import handlers
from classifier.domain import Classification, NoModelError
from classifier.handlers import Models
from classifier.record import Record, Seen, said
from classifier.text import Mask
from services.chassis.application import Clock
from services.chassis.telemetry import failure

MAX_WAITING = 200
ASIDE_SECONDS = 0.1
"""How long a text waits for a quiet moment; a busy day must not show nothing at all."""
STEP_SECONDS = 0.002
REST = 9.0
"""A rest for each time of work: a tenth of one core at most; what is more than that is dropped."""
LOOK_SECONDS = 0.2

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    live: Classification


class Shadow:
    """Lets a candidate answer what was answered, and records both."""

    def __init__(
        self,
        models: Models,
        record: Callable[[], Record],
        mask: Mask,
        now: Clock,
        *,
        is_busy: Callable[[], bool] = lambda: False,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._models = models
        self._open = record
        self._mask = mask
        self._now = now
        self._is_busy = is_busy
        self._waiting: queue.Queue[_Waiting] = queue.Queue(max_waiting)
        self._key = secrets.token_bytes(32)
        self._dropped = 0
        self._told = 0
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    @property
    def dropped(self) -> int:
        """Return how many texts found no place."""
        return self._dropped

    def offer(self, texts: Sequence[str], answers: Sequence[Classification]) -> None:
        """Take texts that were answered, if a candidate wants them; never waits, never raises."""
        if self._candidate() is None:
            return
        for text, live in zip(texts, answers, strict=False):
            try:
                self._waiting.put_nowait(_Waiting(text, live))
            except queue.Full:
                self._dropped += 1

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """End; what waits is dropped."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(grace)

    def _candidate(self) -> str | None:
        try:
            return self._models.current().id
        except NoModelError:
            return None

    def _run(self) -> None:
        record: Record | None = None
        while not self._leaving.is_set():
            try:
                waiting = self._waiting.get(timeout=LOOK_SECONDS)
                record = record or self._open()
                self._step_aside()
                begin = time.perf_counter()
                self._answer(waiting, record)
                self._leaving.wait(REST * (time.perf_counter() - begin))
            except queue.Empty:
                continue
            except Exception as error:  # noqa: BLE001  one text, or a full disk, ends nothing
                log.error("shadow failed", **failure(error))
        if record is not None:
            record.close()

    def _step_aside(self) -> None:
        deadline = time.monotonic() + ASIDE_SECONDS
        while self._is_busy() and time.monotonic() < deadline:
            self._leaving.wait(STEP_SECONDS)

    def _answer(self, waiting: _Waiting, record: Record) -> None:
        candidate = self._candidate()
        if candidate is None or candidate == waiting.live.model:
            return  # switched off, or promoted, while the text waited
        (told,) = handlers.classify(
            [waiting.text], models=self._models, mask=self._mask, alerted=()
        )
        record.add(
            Seen(
                time=self._now().isoformat(),
                about=self._about(waiting.text),
                language=told.language.value,
                live=said(waiting.live),
                shadow=said(told),
                dropped=self._newly_dropped(),
            )
        )
        if self._waiting.empty():
            record.flush()

    def _about(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=8).hexdigest()

    def _newly_dropped(self) -> int:
        dropped = self._dropped - self._told
        self._told += dropped
        return dropped

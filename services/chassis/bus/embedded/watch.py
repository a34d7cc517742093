"""Wakes waiting consumers: at once for this process's writes, within a step for others'."""

import threading
from collections.abc import Callable

import structlog

from services.chassis.bus.embedded.file import Reader

STEP = 0.01
"""Seconds between looks at the file; within one process consumers are woken at once."""
BUSY_STEPS = 2
"""How many steps it waits when it saw something: consumers rest as long between two batches."""
CLOSING_PATIENCE = 5.0


class Signal:
    """A counter that threads can wait on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.version = 0

    def raise_up(self) -> None:
        """Count up and wake all who wait."""
        with self._changed:
            self.version += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        """Wait until the count differs from what was seen, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != seen, timeout)


class Watcher:
    """One thread that sees what other processes append, and tidies now and then."""

    def __init__(
        self,
        reader: Reader,
        signal: Signal,
        tidy: Callable[[], None],
        *,
        step: float,
        tidy_every: float,
    ) -> None:
        self._reader = reader
        self._signal = signal
        self._tidy = tidy
        self._step = step
        self._tidy_looks = max(1, int(tidy_every / step))
        self._stopping = threading.Event()
        self._version = 0
        self._total = 0
        self._thread = threading.Thread(target=self._run, name="bus-watcher", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching and wait for the thread's end."""
        self._stopping.set()
        self._thread.join(CLOSING_PATIENCE)

    def _run(self) -> None:
        """Look at the file until stopped."""
        looks, rest = 0, self._step
        while not self._stopping.wait(rest):
            looks += 1
            try:
                rest = self._step * (BUSY_STEPS if self._look() else 1)
                if looks % self._tidy_looks == 0:
                    self._tidy()
            except Exception as error:  # noqa: BLE001  # a watcher must not end by accident
                structlog.get_logger().warning("bus.watch_failed", error=type(error).__name__)
                self._stopping.wait(1.0)

    def _look(self) -> bool:
        """Wake the consumers if records were appended since the last look; tell whether."""
        if (version := self._reader.data_version()) == self._version:
            return False
        self._version = version
        total = int(self._reader.rows("SELECT coalesce(sum(next), 0) FROM heads")[0][0])
        if total == self._total:
            return False
        self._total = total
        self._signal.raise_up()
        return True

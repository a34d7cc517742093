"""Loops on threads of their own: woken, paced, stopped, and never ended by accident."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
import structlog

from services.chassis import rounds
from services.chassis.errors import UnavailableError
from services.chassis.rounds import AT_ONCE, Rest, Rounds

Eventually = Callable[[Callable[[], object]], None]
LONG = Rest(3600.0)
DEAF = Rest.whole(3600.0)


class Work:
    """Rounds that end as they are told to, and then rest for long."""

    def __init__(self, *ends: Rest | Exception) -> None:
        self.done = 0
        self._ends = list(ends)

    def __call__(self) -> Rest:
        self.done += 1
        end = self._ends.pop(0) if self._ends else LONG
        if isinstance(end, Exception):
            raise end
        return end


@contextmanager
def going(work: Callable[[], Rest]) -> Iterator[Rounds]:
    loop = Rounds("some", work)
    loop.start()
    try:
        yield loop
    finally:
        loop.stop(20.0)
        assert not loop._thread.is_alive()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long after a failure."""
    monkeypatch.setattr(rounds, "FAILED", Rest.whole(0.01))


def test_where_there_is_more_the_next_round_comes_at_once(eventually: Eventually) -> None:
    """And then it rests, until it is stopped."""
    work = Work(AT_ONCE, AT_ONCE)

    with going(work):
        eventually(lambda: work.done == 3)


def test_a_rest_ends_where_somebody_wakes(eventually: Eventually) -> None:
    """Nobody waits for the next look around."""
    work = Work()

    with going(work) as loop:
        eventually(lambda: work.done == 1)
        loop.wake()
        eventually(lambda: work.done == 2)


def test_who_wakes_during_a_round_is_not_overheard(eventually: Eventually) -> None:
    """What came after the round looked is found by the next."""
    seen: list[Rounds] = []

    def work() -> Rest:
        if not seen:
            loop.wake()
        seen.append(loop)
        return LONG

    loop = Rounds("some", work)
    loop.start()
    eventually(lambda: len(seen) == 2)
    loop.stop(20.0)


def test_a_whole_rest_is_not_ended_by_waking(eventually: Eventually) -> None:
    """Only by the end; whoever asks seldom is not hurried."""
    work = Work(DEAF)

    with going(work) as loop:
        eventually(lambda: work.done == 1)
        for _ in range(100):
            loop.wake()

    assert work.done == 1


@pytest.mark.parametrize("surprise", [UnavailableError(), ZeroDivisionError(), KeyError("x")])
def test_a_loop_outlives_every_surprise(eventually: Eventually, surprise: Exception) -> None:
    """What failed is tried again."""
    work = Work(surprise, surprise)

    with going(work):
        eventually(lambda: work.done == 3)


def test_what_failed_is_told_by_its_place() -> None:
    """What may pass is a warning; a message may quote what nobody may read, and is not told."""
    told = _lines(UnavailableError("secret words"), ValueError("secret words"))

    assert [(line["log_level"], line["loop"]) for line in told] == [
        ("warning", "some"),
        ("error", "some"),
    ]
    assert told[1]["error"] == "ValueError"
    assert "secret words" not in str(told)


def _lines(*failures: Exception) -> Sequence[structlog.typing.EventDict]:
    done = threading.Event()
    ends = iter(failures)

    def work() -> Rest:
        if (end := next(ends, None)) is not None:
            raise end
        done.set()
        return LONG

    with structlog.testing.capture_logs() as lines, going(work):
        assert done.wait(20.0)
    return lines


def test_what_never_began_can_be_stopped() -> None:
    """A build that fails half-way stops what it made."""
    Rounds("some", Work()).stop(0.0)

"""Acknowledgements come together to few writes, and each caller hears what is theirs."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing

from services.delivery.domain import CursorAheadError
from services.delivery.rpc.acknowledging import WRITERS, Acknowledged, Acknowledging
from tests.unit.delivery.conftest import MIA

END = 100


class Cursors:
    """Cursors that are moved one after the other, once they are let; not beyond the end."""

    def __init__(self) -> None:
        self.written: list[tuple[str, int]] = []
        self.began = threading.Event()
        self.may_go_on = threading.Event()

    def __call__(self, told: Acknowledged) -> int:
        self.began.set()
        assert self.may_go_on.wait(20)
        if told.sequence > END:
            raise CursorAheadError
        self.written.append((told.name, told.sequence))
        return max(sequence for name, sequence in self.written if name == told.name)


def said(sequence: int, name: str = "desk") -> Acknowledged:
    return Acknowledged(MIA, "MIA", name, sequence)


def answered(cursors: Cursors, *told: Acknowledged) -> list[int | BaseException]:
    """Say all of it while the first write is held up, and return what each caller is answered."""

    async def say(take: Callable[[Acknowledged], Awaitable[int]]) -> list[int | BaseException]:
        waiting = [asyncio.ensure_future(take(told[0]))]
        await asyncio.to_thread(cursors.began.wait)
        waiting += [asyncio.ensure_future(take(one)) for one in told[1:]]
        await asyncio.sleep(0)  # all of them wait now
        cursors.may_go_on.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    with closing(Acknowledging(cursors)) as acknowledging:
        return asyncio.run(say(acknowledging.take))


def test_of_what_comes_while_one_is_written_the_newest_is_written() -> None:
    """However many come; each hears where the cursor stands, and not before it stands there."""
    cursors = Cursors()

    assert answered(cursors, *map(said, (1, 2, 5, 4, 3))) == [1, 5, 5, 5, 5]
    assert cursors.written == [("desk", 1), ("desk", 5)]


def test_what_is_refused_is_refused_to_its_caller_alone() -> None:
    """Whoever acknowledged with it what is right is not told of another's mistake."""
    cursors = Cursors()

    first, ahead, right = answered(cursors, said(1), said(END + 1), said(7))

    assert (first, right) == (1, 7)
    assert isinstance(ahead, CursorAheadError)


def test_subscriptions_are_written_each_by_itself() -> None:
    """One does not wait for another's."""
    cursors = Cursors()
    names = [f"desk-{number}" for number in range(WRITERS)]

    assert answered(cursors, *(said(3, name) for name in names)) == [3] * WRITERS
    assert sorted(cursors.written) == [(name, 3) for name in names]


def test_a_caller_who_leaves_takes_nobody_along() -> None:
    """The others are answered, and so is who comes after."""
    cursors = Cursors()

    async def leave() -> list[int]:
        acknowledging = Acknowledging(cursors)
        first = asyncio.ensure_future(acknowledging.take(said(1)))
        await asyncio.to_thread(cursors.began.wait)
        gone, other = (asyncio.ensure_future(acknowledging.take(said(n))) for n in (3, 2))
        await asyncio.sleep(0)  # both wait now
        gone.cancel()
        cursors.may_go_on.set()
        answers = [await first, await other, await acknowledging.take(said(4))]
        acknowledging.close()
        return answers

    assert asyncio.run(leave()) == [1, 3, 4]

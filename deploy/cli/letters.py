"""`qyzmet letters`: what services could not handle, and the order to try it again.

Both go by the bus alone: what is parked lies there, and so does an order, until the service
that reads the partition has served it. The services need not run at the moment.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import typer
from rich.table import Table

from deploy.cli import assembly, terminal
from deploy.cli.terminal import err, out
from services.chassis import config
from services.chassis.bus import letters
from services.chassis.bus.index import Index, read_all
from services.chassis.bus.letters import Answer, Order, Parked
from services.chassis.bus.port import Bus
from services.chassis.errors import InvalidError, NotFoundError
from services.chassis.story import CASES_TOPIC, CORRECTIONS_TOPIC

TOPICS = (CASES_TOPIC, CORRECTIONS_TOPIC)
LOOK_SECONDS = 0.5
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """What a group has parked under one key, in order."""

    group: str
    parked: Sequence[Parked]
    is_ordered: bool

    def told(self) -> Mapping[str, Any]:
        """Return what an operator sees: where and why it began, never what it says."""
        first = self.parked[0]
        return {
            "group": self.group,
            "topic": first.topic,
            "key": first.key,
            "records": len(self.parked),
            "partition": first.partition,
            "offset": first.offset,
            "error": first.error,
            "time": first.timestamp.isoformat(timespec="seconds"),
            "ordered": self.is_ordered,
        }


def show(group: str, bus: str, *, as_json: bool) -> None:
    """Show what is parked, a line for each key."""
    with _opened(bus) as opened:
        lines = [line.told() for line in _lines(opened) if group in ("", line.group)]
    if as_json:
        terminal.print_json({"letters": lines})
        return
    if not lines:
        err.print("nothing is parked")
        return
    table = Table(*lines[0])
    for line in lines:
        table.add_row(*map(str, line.values()))
    out.print(table)


def redrive(group: str, keys: Sequence[str], bus: str, *, every: bool, seconds: float) -> None:
    """Order lines to be handled again, and tell what came of it; status 1 where one failed."""
    if bool(keys) == every:
        raise InvalidError("name keys as `qyzmet letters list` shows them, or give --all")
    with _opened(bus) as opened:
        orders = Orders(opened, _wanted(opened, group, keys))
        answers = orders.wait(seconds)
    for order in orders.given:
        answer = answers.get(order.id)
        out.print(f"{order.key}: {_outcome(answer)}", soft_wrap=True, markup=False)
    if any(answer.error for answer in answers.values()):
        raise typer.Exit(1)


@dataclass(slots=True)
class Orders:
    """Orders that were given, and what is known of their answers."""

    bus: Bus
    given: Sequence[Order]
    _answers: dict[str, Answer] = field(default_factory=dict)

    def wait(self, seconds: float) -> Mapping[str, Answer]:
        """Give the orders, and follow their topics until all are answered or so long is over."""
        begins = {topic: dict(self.bus.ends(topic)) for topic in self._topics()}
        for first in range(0, len(self.given), AT_ONCE):
            self.bus.publish(
                [letters.order(order) for order in self.given[first : first + AT_ONCE]]
            )
        deadline = time.monotonic() + seconds
        while len(self._answers) < len(self.given) and time.monotonic() < deadline:
            for topic, begin in begins.items():
                self._follow(topic, begin)
            time.sleep(LOOK_SECONDS)
        return self._answers

    def _topics(self) -> set[str]:
        return {order.topic + letters.SUFFIX for order in self.given}

    def _follow(self, topic: str, begin: dict[int, int]) -> None:
        ours = {order.id for order in self.given}
        for read in self.bus.history(topic, begin):
            begin[read.partition] = read.offset + 1
            if (answer := letters.answer_in(read)) and answer.order in ours:
                self._answers[answer.order] = answer


@contextmanager
def _opened(bus: str) -> Iterator[Bus]:
    settings = config.load(bus=bus)
    file = assembly.bus_file(settings)
    if settings.bus == "embedded" and not file.exists():
        raise NotFoundError(f"there is no bus at {file}; is QYZMET_DATA_DIR right?")
    with closing(assembly.open_bus(settings)) as opened:
        yield opened


def _lines(bus: Bus) -> list[Line]:
    return [
        line for group, index in sorted(read_all(bus, TOPICS).items()) for line in _of(group, index)
    ]


def _of(group: str, index: Index) -> Iterator[Line]:
    ordered = {(order.topic, order.key) for order in index.orders()}
    for key in dict.fromkeys((parked.topic, parked.key) for parked in index.all()):
        parked = sorted(index.of(key), key=lambda one: one.origin)
        yield Line(group, parked, key in ordered)


def _wanted(bus: Bus, group: str, keys: Sequence[str]) -> Sequence[Order]:
    """Return an order for each line that was named; all of the group's if none was."""
    lines = [line.parked[0] for line in _lines(bus) if line.group == group]
    for key in keys:
        if letters.line_of(key) not in {first.key for first in lines}:
            raise NotFoundError(f"{group} has parked nothing under {key}", reason="NOT_PARKED")
    wanted = {letters.line_of(key) for key in keys} or {first.key for first in lines}
    return [
        Order(str(uuid4()), group, first.topic, first.key) for first in lines if first.key in wanted
    ]


def _outcome(answer: Answer | None) -> str:
    if answer is None:
        return "ordered; it is handled when the service that reads it runs"
    handled = f"{answer.handled} handled"
    return f"{handled}, then {answer.error}: the rest stays" if answer.error else handled

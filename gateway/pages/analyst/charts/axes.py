"""What charts share: their size, the grid behind them, and how names are put into lines."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gateway.pages.analyst.charts.scale import Scale
from gateway.pages.analyst.charts.svg import Node, node

WIDTH = 400.0
LETTER = 8.0
"""About the width of a Cyrillic letter, in the units of a picture; Latin ones are narrower."""
LINE = 16.0
"""From one line of a name to the next."""
MOST_LINES = 3
"""So many hold the longest name of a service; what is longer still is cut."""
EDGE = 8.0

Words = Callable[[float], str]
"""How a value is told."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the plot lies in its picture."""

    left: float = 50.0
    top: float = EDGE
    right: float = WIDTH - EDGE
    bottom: float = 200.0


def grid(frame: Frame, up: Scale, marks: Sequence[float], words: Words) -> Iterator[Node]:
    """Give a line and a number for each tick of the values."""
    for value in marks:
        y = up.at(value)
        yield node("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="grid")
        yield node("text", x=frame.left - 6, y=y + 4, class_="end", text=words(value))


def below(x: float, y: float, words: str, *, place: str = "") -> Node:
    """Return a label below the plot: in the middle of its place, or at its begin or end."""
    return node("text", x=x, y=y, class_=place or "middle", text=words)


def folded(words: str, width: float) -> Sequence[str]:
    """Return a name in as many lines as it needs."""
    most = int(width / LETTER)
    return textwrap.wrap(words, most, max_lines=MOST_LINES, placeholder="…") or [""]


def written(name: Sequence[str], x: float, y: float, class_: str = "") -> list[Node]:
    """Return the lines of a name, one below the other."""
    style = {"class_": class_} if class_ else {}
    return [node("text", x=x, y=y + LINE * at, text=one, **style) for at, one in enumerate(name)]


def further(name: Sequence[str]) -> float:
    """Return how much place a name needs beyond its first line."""
    return LINE * (len(name) - 1)

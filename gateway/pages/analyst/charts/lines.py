"""Values over days: a line, with a band where they are not certain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from gateway.pages.analyst.charts.axes import (
    EDGE,
    Frame,
    Words,
    below,
    folded,
    further,
    grid,
    written,
)
from gateway.pages.analyst.charts.scale import Scale, share_ticks
from gateway.pages.analyst.charts.svg import Node, node, picture

DayWords = Callable[[date], str]
"""How a day is told."""
KINDS = 4
"""So many series are told apart by how their lines are drawn."""
KEY_HEIGHT = 20.0
FEW = 20
"""Up to so many points each has a mark of its own."""


@dataclass(frozen=True, slots=True)
class Point:
    """A share on a day, and how sure it is."""

    day: date
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """What one line tells."""

    name: str
    points: Sequence[Point]


def lines(
    name: str,
    title: str,
    words: str,
    series: Sequence[Series],
    *,
    tell: Words,
    tell_day: DayWords,
    marks: Sequence[float] = (),
    height: float = 200.0,
) -> Markup:
    """Return shares over days as lines; ticks are chosen to fit where none are given."""
    days = [point.day for one in series for point in one.points]
    if not days:
        return Markup()
    drawn_keys, keys = _keys(series) if len(series) > 1 else ([], 0.0)
    frame = replace(Frame(), top=EDGE + keys, bottom=height + keys)
    marks = marks or share_marks(series)
    up = Scale(marks[0], marks[-1], frame.bottom, frame.top)
    first, last = min(days), max(days)
    along = Scale(
        first.toordinal(), max(last.toordinal(), first.toordinal() + 1), frame.left, frame.right
    )
    drawn = [part for at, one in enumerate(series) for part in _series(at, one, along, up)]
    label = frame.bottom + 20
    ends = [below(frame.left, label, tell_day(first), place="begin")]
    if last > first:
        ends.append(below(frame.right, label, tell_day(last), place="end"))
    inside = [*drawn_keys, *grid(frame, up, marks, tell), *drawn, *ends]
    return picture(name, title, words, 400.0, frame.bottom + 28, *inside)


def share_marks(series: Sequence[Series]) -> Sequence[float]:
    """Return ticks that hold whatever some series tell."""
    told = [point for one in series for point in one.points]
    ends = [end for one in told for end in (one.value, one.low, one.high) if end is not None]
    return share_ticks(ends)


def _keys(series: Sequence[Series]) -> tuple[list[Node], float]:
    """Return which line is whose, and how high that is."""
    drawn: list[Node] = []
    high = 0.0
    for at, one in enumerate(series):
        name, y = folded(one.name, 300.0), EDGE + high + 6
        kind = f"line kind-{at % KINDS}"
        drawn += [node("line", x1=50.0, x2=82.0, y1=y, y2=y, class_=kind)]
        drawn += written(name, 90.0, y + 4)
        high += KEY_HEIGHT + further(name)
    return drawn, high


def _series(at: int, one: Series, along: Scale, up: Scale) -> list[Node]:
    kind = f"kind-{at % KINDS}"
    points = sorted(one.points, key=lambda point: point.day)
    sure = [point for point in points if point.low is not None and point.high is not None]
    drawn: list[Node] = []
    if sure:
        there = [(along.at(p.day.toordinal()), up.at(p.high or 0.0)) for p in sure]
        back = [(along.at(p.day.toordinal()), up.at(p.low or 0.0)) for p in reversed(sure)]
        drawn.append(node("polygon", points=_path([*there, *back]), class_=f"band {kind}"))
    places = [(along.at(point.day.toordinal()), up.at(point.value)) for point in points]
    drawn.append(node("polyline", points=_path(places), class_=f"line {kind}"))
    if len(places) <= FEW:
        drawn += [node("circle", cx=x, cy=y, r=2.5, class_=f"dot {kind}") for x, y in places]
    return drawn


def _path(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

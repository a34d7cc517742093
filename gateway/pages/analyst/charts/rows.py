"""Values beside each other: bars from nothing on, or dots with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from gateway.pages.analyst.charts.axes import EDGE, WIDTH, Words, below, folded, further, written
from gateway.pages.analyst.charts.scale import Scale, share_ticks, ticks
from gateway.pages.analyst.charts.svg import Node, node, picture

ROW = 42.0
"""The words of a row stand above it, so that a long name has the whole width."""
BAR = 14.0
VALUE_WIDTH = 70.0
AXIS = 26.0


@dataclass(frozen=True, slots=True)
class Row:
    """One value by its name."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    told: str = ""
    """The value in words."""
    is_small: bool = False
    """Whether it says little; drawn hollow."""
    is_marked: bool = False
    """Whether somebody should look at it."""


def bars(name: str, title: str, rows: Sequence[Row]) -> Markup:
    """Return values as bars; each tells its value at its end."""
    if not rows:
        return Markup()
    most = max(row.value for row in rows) or 1.0
    along = Scale(0.0, most, EDGE, WIDTH - VALUE_WIDTH)
    drawn: list[Node] = []
    top = EDGE
    for row in rows:
        lines, end = folded(row.name, WIDTH - 2 * EDGE), along.at(row.value)
        drawn += written(lines, EDGE, top + 11)
        top += further(lines)
        drawn += [
            node(
                "rect",
                x=EDGE,
                y=top + 17,
                height=BAR,
                width=max(end - EDGE, 1.0),
                class_=_class("bar", row),
            ),
            node("text", x=end + 6, y=top + 28, class_="value", text=row.told),
        ]
        top += ROW
    return picture(name, title, _in_words(rows), WIDTH, top, *drawn)


def dots(
    name: str,
    title: str,
    rows: Sequence[Row],
    *,
    tell: Words,
    zero: bool = False,
    shares: bool = True,
) -> Markup:
    """Return values with their intervals; around nothing where they are gaps."""
    if not rows:
        return Markup()
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    marks = _marks(ends, zero=zero, shares=shares)
    along = Scale(marks[0], marks[-1], EDGE + 16, WIDTH - EDGE - 16)
    names = [folded(row.name, WIDTH - 2 * EDGE - VALUE_WIDTH) for row in rows]
    bottom = EDGE + ROW * len(rows) + sum(map(further, names)) + 4
    drawn = [
        node(
            "line",
            x1=along.at(one),
            x2=along.at(one),
            y1=EDGE,
            y2=bottom,
            class_="zero" if zero and one == 0 else "grid",
        )
        for one in marks
    ]
    drawn += [below(along.at(one), bottom + 16, tell(one)) for one in marks]
    top = EDGE
    for row, lines in zip(rows, names, strict=True):
        drawn += written(lines, EDGE, top + 13, "over")
        drawn += _dot(row, top, further(lines), along)
        top += ROW + further(lines)
    return picture(name, title, _in_words(rows), WIDTH, bottom + AXIS, *drawn)


def _in_words(rows: Sequence[Row]) -> str:
    return "; ".join(f"{row.name}: {row.told}" for row in rows)


def _marks(ends: Sequence[float], *, zero: bool, shares: bool) -> Sequence[float]:
    if zero:
        far = max(map(abs, ends)) or 0.1
        return ticks(-far, far, 4)
    return share_ticks(ends) if shares else ticks(0.0, max(ends), 4)


def _dot(row: Row, top: float, lower: float, along: Scale) -> list[Node]:
    """Return a value in words beside the first line of its name, and its mark below the last."""
    y, right = top + lower + 25, WIDTH - EDGE
    drawn = [node("text", x=right, y=top + 13, class_="over end value", text=row.told)]
    if row.low is not None and row.high is not None:
        x1, x2 = along.at(row.low), along.at(row.high)
        drawn.append(node("line", x1=x1, x2=x2, y1=y, y2=y, class_=_class("whisker", row)))
        drawn += [
            node("line", x1=x, x2=x, y1=y - 4, y2=y + 4, class_=_class("whisker", row))
            for x in (x1, x2)
        ]
    x = along.at(row.value)
    if row.is_marked:
        return [
            *drawn,
            node("path", d=f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z", class_=_class("dot", row)),
        ]
    return [*drawn, node("circle", cx=x, cy=y, r=5.0, class_=_class("dot", row))]


def _class(name: str, row: Row) -> str:
    more = (" small" if row.is_small else "") + (" marked" if row.is_marked else "")
    return f"{name} kind-0{more}"

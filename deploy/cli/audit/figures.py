"""Figures as static SVG, made here: a line with its interval, and bars with theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 150, 60, 16, 32
BAR = 18
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
INK, BAND, GRID = "#1b4f72", "#aed6f1", "#d5d8dc"


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure by its name, with its interval; between 0 and 1 where it is a share."""

    name: str
    value: float
    low: float
    high: float
    is_small: bool = False


def line(marks: Sequence[Mark], title: str) -> Markup:
    """Draw shares over time, first to last, with the band of their intervals."""
    if not marks:
        return Markup("")
    floor = max(0.0, min(mark.low for mark in marks) - 0.05)
    xs = [_between(LEFT, WIDTH - RIGHT, n / max(1, len(marks) - 1)) for n in range(len(marks))]

    def y(share: float) -> float:
        return _between(HEIGHT - BOTTOM, TOP, (share - floor) / (1 - floor) if floor < 1 else 1.0)

    ups = [f"{x:.1f},{y(mark.high):.1f}" for x, mark in zip(xs, marks, strict=True)]
    downs = [f"{x:.1f},{y(mark.low):.1f}" for x, mark in zip(xs, marks, strict=True)]
    middle = [f"{x:.1f},{y(mark.value):.1f}" for x, mark in zip(xs, marks, strict=True)]
    ticks = [floor + (1 - floor) * tick for tick in TICKS]
    parts = [
        *(_rule(LEFT, y(tick), WIDTH - RIGHT, y(tick)) for tick in ticks),
        *(_text(LEFT - 8, y(tick) + 4, f"{tick:.1%}", "end") for tick in ticks),
        f'<polygon points="{" ".join([*ups, *reversed(downs)])}" fill="{BAND}"/>',
        f'<polyline points="{" ".join(middle)}" fill="none" stroke="{INK}" stroke-width="2"/>',
        _text(LEFT, HEIGHT - 8, marks[0].name, "start"),
        _text(WIDTH - RIGHT, HEIGHT - 8, marks[-1].name, "end"),
    ]
    return _whole(parts, title, HEIGHT)


def bars(marks: Sequence[Mark], title: str, unit: str = "") -> Markup:
    """Draw figures as bars with their intervals; those of few cases are pale."""
    if not marks:
        return Markup("")
    most = 1.0 if not unit else max(1e-9, *(mark.high for mark in marks))
    height = TOP + len(marks) * (BAR + 8) + BOTTOM

    def x(value: float) -> float:
        return _between(LEFT, WIDTH - RIGHT, min(1.0, max(0.0, value / most)))

    parts = []
    for number, mark in enumerate(marks):
        top = TOP + number * (BAR + 8)
        middle = top + BAR / 2
        said = f"{mark.value:.1f} {unit}" if unit else f"{mark.value:.1%}"
        shade = BAND if mark.is_small else INK
        parts += [
            _text(LEFT - 8, middle + 4, mark.name, "end"),
            f'<rect x="{LEFT}" y="{top}" width="{x(mark.value) - LEFT:.1f}" height="{BAR}" '
            f'fill="{shade}" fill-opacity="0.6"/>',
            f'<line x1="{x(mark.low):.1f}" y1="{middle}" x2="{x(mark.high):.1f}" y2="{middle}" '
            'stroke="black" stroke-width="2"/>',
            _text(WIDTH - RIGHT + 6, middle + 4, said, "start"),
        ]
    return _whole(parts, title, height)


def _between(begin: float, end: float, part: float) -> float:
    return begin + (end - begin) * part


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1:.1f}" x2="{x2}" y2="{y2:.1f}" stroke="{GRID}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    said = Markup.escape(text[:24])
    return f'<text x="{x}" y="{y:.1f}" text-anchor="{anchor}" font-size="12">{said}</text>'


def _whole(parts: Sequence[str], title: str, height: float) -> Markup:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif">'
    )
    said = Markup.escape(title)
    return Markup(f"{head}<title>{said}</title>{''.join(parts)}</svg>")  # noqa: S704  escaped above

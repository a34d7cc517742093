"""The risk–coverage curve as an SVG picture, drawn by hand: no library is needed to look at it."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from classifier.evaluate import Point

WIDTH, HEIGHT, MARGIN = 640, 400, 56
COLOURS = ("#1b4965", "#c1121f", "#2a9d8f", "#e09f3e", "#6a4c93", "#555555")
STEPS = 5


def risk_coverage(curves: Mapping[str, Sequence[Point]]) -> str:
    """Draw how large the share of wrong services is, the more texts are routed; one line each."""
    most = max((point.risk for curve in curves.values() for point in curve), default=0.0)
    top = next(top for top in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if most <= top)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            *_axes(top),
            *_curves(curves, top),
            "</svg>\n",
        ]
    )


def _place(coverage: float, share: float) -> tuple[float, float]:
    x = MARGIN + coverage * (WIDTH - 2 * MARGIN)
    return round(x, 1), round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)


def _axes(top: float) -> Iterator[str]:
    for step in range(STEPS + 1):
        (left, y), (right, _) = _place(0, step / STEPS), _place(1, step / STEPS)
        x, bottom = _place(step / STEPS, 0)
        yield f'<path d="M{left} {y}H{right}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{top * step / STEPS:.1%}</text>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{step / STEPS:.0%}</text>'
    x, y = _place(0.5, 0)
    yield f'<text x="{x}" y="{y + 40}" text-anchor="middle">coverage: texts that are routed</text>'
    x, y = _place(0, 1)
    yield f'<text x="{x}" y="{y - 16}">risk: the routed whose service is wrong</text>'


def _curves(curves: Mapping[str, Sequence[Point]], top: float) -> Iterator[str]:
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [_place(point.coverage, point.risk / top) for point in curve]
        line = " ".join(f"{x},{y}" for x, y in places)
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        x, y = WIDTH - MARGIN + 8, MARGIN + 18 * number
        yield f'<text x="{x}" y="{y}" fill="{colour}">{escape(name)}</text>'

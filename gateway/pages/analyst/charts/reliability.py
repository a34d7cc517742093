"""How certain a model was, beside how often it was right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from gateway.pages.analyst.charts.axes import EDGE, Frame, Words, below, grid
from gateway.pages.analyst.charts.scale import Scale
from gateway.pages.analyst.charts.svg import Node, node, picture

MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)
HEIGHT = 300.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases about which a model was about as certain."""

    certain: float
    right: float
    low: float
    high: float
    is_small: bool = False


def reliability(
    name: str, title: str, words: str, bins: Sequence[Bin], *, across: str, up: str, tell: Words
) -> Markup:
    """Return a diagram; on its diagonal lies a model that is as often right as it says."""
    if not bins:
        return Markup()
    frame = replace(Frame(), top=EDGE + 22, bottom=HEIGHT)
    right = Scale(0.0, 1.0, frame.bottom, frame.top)
    certain = Scale(0.0, 1.0, frame.left, frame.right - 10)
    places = " ".join(f"{certain.at(one.certain):.1f},{right.at(one.right):.1f}" for one in bins)
    inside = [
        node("text", x=EDGE, y=EDGE + 8, class_="over", text=up),
        *grid(frame, right, MARKS, tell),
        node(
            "line",
            x1=certain.at(0),
            y1=right.at(0),
            x2=certain.at(1),
            y2=right.at(1),
            class_="ideal",
        ),
        node("polyline", points=places, class_="line kind-0"),
        *(part for one in bins for part in _bin(one, certain, right)),
        *(below(certain.at(one), frame.bottom + 18, tell(one)) for one in MARKS),
        below(frame.right, frame.bottom + 38, across, place="end over"),
    ]
    return picture(name, title, words, 400.0, frame.bottom + 46, *inside)


def _bin(one: Bin, certain: Scale, right: Scale) -> list[Node]:
    x, more = certain.at(one.certain), " small" if one.is_small else ""
    return [
        node(
            "line", x1=x, x2=x, y1=right.at(one.low), y2=right.at(one.high), class_="whisker kind-0"
        ),
        node("circle", cx=x, cy=right.at(one.right), r=4.5, class_=f"dot kind-0{more}"),
    ]

"""Specifies the picture of a risk–coverage curve."""

from xml.etree import ElementTree

from classifier.evaluate import Point
from classifier.picture import HEIGHT, MARGIN, WIDTH, risk_coverage

SVG = "{http://www.w3.org/2000/svg}"
CURVES = {"all": [Point(0.5, 0.9, 0.0), Point(1.0, 0.1, 0.2)], "<kk>": [Point(1.0, 0.1, 0.1)]}


def drawn(curves: dict[str, list[Point]]) -> ElementTree.Element:
    return ElementTree.fromstring(risk_coverage(curves))


def test_there_is_a_line_for_each_curve() -> None:
    """And its name beside, whatever is in it."""
    picture = drawn(CURVES)

    assert len(picture.findall(f"{SVG}polyline")) == 2
    assert {"all", "<kk>"} <= {text.text for text in picture.findall(f"{SVG}text")}


def test_a_point_stands_where_its_numbers_say() -> None:
    """Half of the texts without risk is the middle of the lower edge; the rest reaches the top."""
    line = drawn(CURVES).findall(f"{SVG}polyline")[0].attrib["points"]

    middle, end = (tuple(map(float, place.split(","))) for place in line.split())
    assert middle == (WIDTH / 2, HEIGHT - MARGIN)
    assert end == (WIDTH - MARGIN, MARGIN)


def test_without_curves_there_are_axes() -> None:
    """A model of an earlier release has none."""
    assert drawn({}).findall(f"{SVG}polyline") == []

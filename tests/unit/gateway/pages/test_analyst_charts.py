"""Charts as SVG: well-formed whatever they are told, true to their values, told in words."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from gateway.pages.analyst import charts
from gateway.pages.analyst.charts.scale import Scale, share_ticks, ticks
from services.catalog import store

HOSTILE = "</svg><script>alert(1)</script> & \" ' \x00\x1b\ud800 Қызмет"
MARCH = date(2026, 3, 1)


def percent(value: float) -> str:
    return f"{value:.0%}"


def lines(*series: charts.Series, words: str = "words") -> Markup:
    return charts.lines("c", "title", words, series, tell=percent, tell_day=str)


def rows(*values: charts.Row, zero: bool = False) -> Markup:
    return charts.dots("c", "title", values, tell=percent, zero=zero)


def parsed(chart: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(chart))


HOSTILE_ROW = charts.Row(HOSTILE, 0.5, 0.4, 0.6, HOSTILE)
HOSTILE_CHARTS = {
    "lines": lines(
        charts.Series(HOSTILE, [charts.Point(MARCH, 0.5)]),
        charts.Series(HOSTILE, [charts.Point(MARCH, 0.6)]),
        words=HOSTILE,
    ),
    "bars": charts.bars("c", HOSTILE, [HOSTILE_ROW]),
    "dots": charts.dots("c", HOSTILE, [HOSTILE_ROW], tell=lambda _: HOSTILE),
    "reliability": charts.reliability(
        "c",
        HOSTILE,
        HOSTILE,
        [charts.Bin(0.5, 0.5, 0.4, 0.6)],
        across=HOSTILE,
        up=HOSTILE,
        tell=lambda _: HOSTILE,
    ),
}


@pytest.mark.parametrize("kind", HOSTILE_CHARTS)
def test_what_a_chart_is_told_is_text_and_nothing_else(kind: str) -> None:
    """No name of a service ends the picture, or begins an element."""
    found = parsed(HOSTILE_CHARTS[kind])

    known = {
        "svg",
        "title",
        "desc",
        "text",
        "line",
        "polyline",
        "polygon",
        "circle",
        "rect",
        "path",
    }
    assert {element.tag for element in found.iter()} <= known
    assert any("Қызмет" in (element.text or "") for element in found.iter())


@pytest.mark.parametrize("kind", HOSTILE_CHARTS)
def test_a_chart_is_a_picture_with_a_name_and_words(kind: str) -> None:
    """For whoever hears the page."""
    found = parsed(HOSTILE_CHARTS[kind])
    names = {element.get("id") for element in found if element.tag in ("title", "desc")}

    assert found.get("role") == "img"
    assert set((found.get("aria-labelledby") or "").split()) == names


@pytest.mark.parametrize("kind", HOSTILE_CHARTS)
def test_a_chart_takes_its_colours_from_the_page(kind: str) -> None:
    """So that it is seen on dark ground too, and no policy forbids it."""
    attributes = {name for one in parsed(HOSTILE_CHARTS[kind]).iter() for name in one.attrib}

    assert attributes.isdisjoint({"style", "fill", "stroke"})


def test_every_kind_of_line_and_mark_has_a_style_of_its_form() -> None:
    """Series are told apart by dashes, not by colour alone."""
    css = (charts.__path__[0] + "/../../assets/analyst.css").replace("\\", "/")
    with open(css, encoding="utf-8") as file:
        style = file.read()

    for kind in (1, 2, 3):
        assert re.search(rf"\.line\.kind-{kind} {{ stroke-dasharray", style)
    assert ".dot.small { fill: var(--ground)" in style


def test_nothing_is_drawn_of_nothing() -> None:
    """An empty chart is no picture; the page explains instead."""
    assert lines() == lines(charts.Series("one", [])) == ""
    assert rows() == charts.bars("c", "t", []) == ""
    assert charts.reliability("c", "t", "w", [], across="a", up="u", tell=percent) == ""


def test_more_is_higher() -> None:
    """The places of a line follow its values."""
    days = [charts.Point(date(2026, 3, day), day / 10) for day in (1, 2, 3)]
    (line,) = parsed(lines(charts.Series("one", days))).iter("polyline")
    places = [tuple(map(float, one.split(","))) for one in (line.get("points") or "").split()]

    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_a_band_holds_its_line() -> None:
    """What is not certain is drawn from its lower to its upper end."""
    points = [charts.Point(date(2026, 3, day), 0.5, 0.4, 0.6) for day in (1, 2)]
    (band,) = parsed(lines(charts.Series("one", points))).iter("polygon")
    (line,) = parsed(lines(charts.Series("one", points))).iter("polyline")
    ends = [float(one.split(",")[1]) for one in (band.get("points") or "").split()]
    middle = float((line.get("points") or "").split()[0].split(",")[1])

    assert min(ends) < middle < max(ends)


def test_a_single_day_is_drawn_too() -> None:
    """As a mark, with its day once."""
    found = parsed(lines(charts.Series("one", [charts.Point(MARCH, 0.5)])))

    assert len(list(found.iter("circle"))) == 1
    assert [one.text for one in found.iter("text")].count("2026-03-01") == 1


def test_bars_are_as_long_as_their_values() -> None:
    """From nothing on."""
    chart = charts.bars("c", "t", [charts.Row("a", 10), charts.Row("b", 5)])
    first, second = (float(one.get("width") or 0) for one in parsed(chart).iter("rect"))

    assert second == pytest.approx(first / 2)


def test_bars_of_nothing_are_still_seen() -> None:
    """A value of 0 has a place and its words."""
    (bar,) = parsed(charts.bars("c", "t", [charts.Row("a", 0, told="0")])).iter("rect")

    assert float(bar.get("width") or 0) > 0


def test_gaps_lie_around_nothing() -> None:
    """The line of 0 stands between a gap to the better and one to the worse."""
    found = parsed(rows(charts.Row("a", -0.1), charts.Row("b", 0.3), zero=True))
    (zero,) = (one for one in found.iter("line") if one.get("class") == "zero")
    left, right = (float(one.get("cx") or 0) for one in found.iter("circle"))

    assert left < float(zero.get("x1") or 0) < right


def test_small_and_marked_values_have_another_form() -> None:
    """Hollow is what says little, a diamond what somebody should look at."""
    found = parsed(rows(charts.Row("a", 0.1, is_small=True), charts.Row("b", 0.2, is_marked=True)))
    (small,) = found.iter("circle")

    assert "small" in (small.get("class") or "")
    assert len(list(found.iter("path"))) == 1


LONG_NAME = " ".join(["Министерство"] * 6)
LONG = {
    "lines": lines(*[charts.Series(LONG_NAME, [charts.Point(MARCH, 0.5)])] * 2),
    "bars": charts.bars("c", "t", [charts.Row(LONG_NAME, 0.5, told="50 %")] * 2),
    "dots": rows(*[charts.Row(LONG_NAME, 0.5, told="50 %")] * 2),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_name_is_told_whole(kind: str) -> None:
    """In several lines, each below the other, and inside the picture."""
    found = parsed(LONG[kind])
    said = [one for one in found.iter("text") if "Министерство" in (one.text or "")]
    height = float((found.get("viewBox") or "").split()[3])
    places = [float(one.get("y") or 0) for one in said]

    assert " ".join(one.text or "" for one in said) == f"{LONG_NAME} {LONG_NAME}"
    assert len(said) > 2
    assert places == sorted(set(places))
    assert places[-1] < height


def test_every_name_of_the_bundled_register_is_told_whole() -> None:
    """In each language, however long."""
    services = store.read_folder(store.bundled_folder()).services
    names = [getattr(one.title, code) for one in services for code in ("kk", "ru", "en")]
    chart = str(rows(*(charts.Row(name, 0.5) for name in names)))

    assert len(names) > 100
    assert "…" not in chart


def test_a_name_without_end_is_cut() -> None:
    """Else it would be all there is to see; the value is whole."""
    found = parsed(rows(charts.Row("Ministry " * 40, 0.5, told="50 %")))
    said = [one.text or "" for one in found.iter("text")]

    assert any(one.endswith("…") for one in said)
    assert "50 %" in said


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.83, 0.97), (-0.3, 0.3), (0, 12345), (5, 5), (0, 0), (1e-9, 2e-9)]
)
def test_ticks_hold_what_is_drawn(low: float, high: float) -> None:
    """A few round values, from below the least to above the most."""
    found = ticks(low, high)

    assert found[0] <= low <= high <= found[-1]
    assert 2 <= len(found) <= 7


@pytest.mark.parametrize("values", [[], [0.0], [1.0], [0.5, 0.5], [0.91, 0.93], [0, 1]])
def test_ticks_of_shares_stay_between_nothing_and_all(values: list[float]) -> None:
    """There is no 105 %."""
    found = share_ticks(values)

    assert len(found) >= 2
    assert min(found) >= 0
    assert max(found) <= 1


def test_a_scale_keeps_what_lies_outside_at_the_edge() -> None:
    """Nothing is drawn outside the picture."""
    scale = Scale(0, 1, 10, 110)

    assert [scale.at(value) for value in (-1, 0, 0.5, 1, 2)] == [10, 10, 60, 110, 110]

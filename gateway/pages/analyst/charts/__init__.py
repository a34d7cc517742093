"""Charts as SVG, made here: seen without scripts, in the colours of the page, told in words."""

from gateway.pages.analyst.charts.lines import Point, Series, lines, share_marks
from gateway.pages.analyst.charts.reliability import Bin, reliability
from gateway.pages.analyst.charts.rows import Row, bars, dots

__all__ = [
    "Bin",
    "Point",
    "Row",
    "Series",
    "bars",
    "dots",
    "lines",
    "reliability",
    "share_marks",
]

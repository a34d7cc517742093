"""The page of coverage: what is drawn of groups is a table too, and what filters do not change."""

import csv
import html
import io
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from services.chassis.principal import Role
from tests.unit.gateway.pages.analyst_answers import ANSWERS, DAYS
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import Peer

VisitAs = Callable[..., Visitor]

PAGE = "/en/analyst/coverage"
SIZES = {"75": 90, "": 80, "10": 70, "71": 60, "11": 50, "15": 40, "19": 20}
"""Regions, and how many requests each has on a day; the smallest is not drawn."""
COUNTS = {"2026-03-02": 1, "2026-03-09": 2}
"""By so many times as much by week."""
GROUPED = pb.GetCoverageSeriesResponse(
    **DAYS,
    points=[
        pb.CoveragePoint(
            day=day, key=key, case_count=size * times, online_case_count=size // 2 * times
        )
        for day, times in COUNTS.items()
        for key, size in SIZES.items()
        if (day, key) != ("2026-03-09", "10")
    ],
    totals=[
        pb.CoverageTotal(key=key, case_count=size, online_case_count=size // 2)
        for key, size in SIZES.items()
    ],
)
TABLE = re.compile(r"<caption>[^<]*of the largest groups</caption>.*?</table>", re.DOTALL)
FILTERED = ("whatever the filters", "filters by agency, life event, language and region")


@pytest.fixture
def analyst(visit_as: VisitAs, peer: Peer) -> Visitor:
    peer.answers |= {**ANSWERS, pb.GetCoverageSeriesRequest: GROUPED}
    return visit_as(Role.ANALYST)


def drawn(analyst: Visitor, query: str) -> list[list[str]]:
    """Return the words of the table of what is drawn of groups, row by row."""
    (table,) = TABLE.findall(analyst.get(f"{PAGE}?{query}").text)
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in row] for row in cells]


def test_what_is_drawn_of_groups_is_a_table_too(analyst: Visitor) -> None:
    """A row for each week, a column for each group; what was not asked for is a dash."""
    head, first, second = drawn(analyst, "group_by=region")

    assert head == ["Week from", "Almaty en", "Not known", "10", "71", "11", "15"]
    assert first[:4] == ["2 March 2026", "50% 45 of 90", "50% 40 of 80", "50% 35 of 70"]
    assert second[:4] == ["9 March 2026", "50% 90 of 180", "50% 80 of 160", "–"]


def test_few_requests_of_a_group_are_marked(analyst: Visitor, peer: Peer) -> None:
    """As in every other table."""
    few = pb.CoveragePoint(day="2026-03-02", key="75", case_count=29, online_case_count=29)
    peer.answers[pb.GetCoverageSeriesRequest] = pb.GetCoverageSeriesResponse(
        **DAYS, points=[few], totals=[pb.CoverageTotal(key="75", case_count=29)]
    )

    assert drawn(analyst, "group_by=region")[1] == ["2 March 2026", "100% few cases 29 of 29"]


def test_days_are_called_days(analyst: Visitor) -> None:
    """Few of them are drawn one by one."""
    days = "start_date=2026-03-01&end_date=2026-03-30"

    assert drawn(analyst, f"group_by=region&{days}")[0][0] == "Day"


def test_the_download_holds_every_group(analyst: Visitor) -> None:
    """And the route for programs asks for the same days, weeks and groups."""
    text = analyst.get(f"{PAGE}?group_by=region").text
    (link,) = re.findall(r'href="([^"]*table=points[^"]*)" download', text)
    rows = list(csv.DictReader(io.StringIO(analyst.get(html.unescape(link)).text)))
    routes = [html.unescape(one) for one in re.findall(r"GET (/v1/coverage/series[^<]+)<", text)]

    assert {row["key"] for row in rows} == SIZES.keys()
    asked = parse_qs(urlsplit(routes[-1]).query)
    assert (asked["group_by"], asked["interval"]) == (["region"], ["week"])


@pytest.mark.parametrize("query", ["agency=MIA", "life_event=identity", "language=kk", "region=75"])
def test_it_is_said_what_filters_do_not_change(analyst: Visitor, query: str) -> None:
    """How many services are online, and the way to all of them, are told of all."""
    text = analyst.get(f"{PAGE}?{query}").text

    assert [text.count(one) for one in FILTERED] == [1, 1]


def test_without_filters_nothing_is_said_of_them(analyst: Visitor) -> None:
    """Days and groups are none."""
    text = analyst.get(f"{PAGE}?start_date=2026-03-01&group_by=language").text

    assert [text.count(one) for one in FILTERED] == [0, 0]

"""The pages of an analyst: what they ask, show, and give away as tables."""

import csv
import html
import io
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2
from services.chassis.errors import DeadlineError, ServiceError, UnavailableError
from services.chassis.principal import Role
from tests.unit.gateway.pages.analyst_answers import ANSWERS
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import HOSTILE, Peer

VisitAs = Callable[..., Visitor]

PAGES = ("coverage", "quality", "drift", "fairness", "times", "programmes")
QUESTIONS = {
    "coverage": pb.GetCoverageSeriesRequest,
    "quality": pb.GetQualityRequest,
    "drift": pb.GetDriftRequest,
    "fairness": pb.GetFairnessRequest,
    "times": pb.GetTimesRequest,
    "programmes": pb.GetProgrammesRequest,
}
TABLES = [
    ("coverage", "series", "day"),
    ("coverage", "groups", "key"),
    ("coverage", "points", "day"),
    ("coverage", "offline", "rank"),
    ("coverage", "forecast", "basis"),
    ("quality", "groups", "key"),
    ("quality", "calibration", "key"),
    ("drift", "measures", "measure"),
    ("drift?topics=yes", "topics", "words"),
    ("fairness", "groups", "key"),
    ("times", "groups", "key"),
    ("programmes", "audiences", "audience"),
]
CHART = re.compile(r"<svg.*?</svg>", re.DOTALL)
NAMED_CHART = re.compile(r"<figcaption>([^<]+)</figcaption>\s*<svg")


@pytest.fixture
def analyst(visit_as: VisitAs, peer: Peer) -> Visitor:
    peer.answers.update(ANSWERS)
    return visit_as(Role.ANALYST)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_every_language(analyst: Visitor, page: str, language: str) -> None:
    """With one heading, and the days in a form."""
    answer = analyst.get(f"/{language}/analyst/{page}")

    assert answer.status_code == 200
    assert len(re.findall("<h1", answer.text)) == 1
    assert 'name="start_date"' in answer.text
    assert set(re.findall('hreflang="(..)"', answer.text)) == {"kk", "ru", "en"} - {language}


@pytest.mark.parametrize("page", PAGES)
def test_the_days_of_the_address_are_those_asked_for(
    analyst: Visitor, peer: Peer, page: str
) -> None:
    """An address that is sent to a colleague shows the same days."""
    analyst.get(f"/en/analyst/{page}?start_date=2026-03-01&end_date=2026-03-30")

    asked = peer.asked_for(QUESTIONS[page])[0]
    assert (asked.start_date, asked.end_date) == ("2026-03-01", "2026-03-30")


@pytest.mark.parametrize("page", PAGES)
def test_fields_left_empty_in_the_form_ask_for_nothing(
    analyst: Visitor, peer: Peer, page: str
) -> None:
    """A form sends every field; an empty one is none."""
    query = "start_date=&end_date=&language=&agency=&life_event=&region=&group_by="
    assert analyst.get(f"/en/analyst/{page}?{query}").status_code == 200
    assert peer.asked_for(QUESTIONS[page])[0].start_date == ""


def test_filters_reach_audit(analyst: Visitor, peer: Peer) -> None:
    """Each of them, in each question about the demand."""
    query = "language=kk&agency=MIA&life_event=identity&region=75&group_by=region"
    analyst.get(f"/en/analyst/coverage?{query}")

    grouped = next(one for one in peer.asked_for(pb.GetCoverageSeriesRequest) if one.group_by)
    (offline,) = peer.asked_for(pb.ListOfflineServicesRequest)
    for asked in (grouped, offline):
        assert (asked.agency, asked.life_event, asked.region) == ("MIA", "identity", "75")
        assert asked.language == catalog_pb2.LANGUAGE_KK
    assert grouped.group_by == pb.COVERAGE_GROUP_REGION


@pytest.mark.parametrize(
    ("query", "interval"),
    [
        ("", pb.INTERVAL_WEEK),
        ("start_date=2026-01-01&end_date=2026-03-01", pb.INTERVAL_WEEK),
        ("start_date=2026-02-01&end_date=2026-03-01", pb.INTERVAL_DAY),
    ],
)
def test_charts_of_groups_ask_for_no_more_than_they_draw(
    analyst: Visitor, peer: Peer, query: str, interval: int
) -> None:
    """Of a long time they draw weeks."""
    analyst.get(f"/en/analyst/coverage?{query}")

    grouped = next(one for one in peer.asked_for(pb.GetCoverageSeriesRequest) if one.group_by)
    assert grouped.interval == interval


def test_days_of_the_past_name_their_register(analyst: Visitor, peer: Peer) -> None:
    """What was not online then is not passed off as what is not online now."""
    sentence = "by the register of 30 June 2026"
    assert sentence not in analyst.get("/en/analyst/coverage").text

    peer.answers[pb.ListOfflineServicesRequest] = pb.ListOfflineServicesResponse(
        catalogue_version="v0", register_date="2026-06-30"
    )

    assert sentence in analyst.get("/en/analyst/coverage?end_date=2026-06-30").text


def test_the_days_are_kept_from_section_to_section(analyst: Visitor) -> None:
    """Whoever goes from one question to the next sees the same days."""
    text = analyst.get("/en/analyst/quality?start_date=2026-03-01&end_date=2026-03-30").text

    assert 'href="/en/analyst/times?start_date=2026-03-01&amp;end_date=2026-03-30"' in text


@pytest.mark.parametrize(
    "query", ["start_date=yesterday", "language=xx", "region=7x", "agency=%00", "group_by=moon"]
)
def test_what_cannot_be_asked_is_refused_as_a_page(
    analyst: Visitor, peer: Peer, query: str
) -> None:
    """And no service hears of it."""
    answer = analyst.get(f"/en/analyst/coverage?{query}")

    assert answer.status_code == 400
    assert "<h1" in answer.text
    assert peer.asked == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Дәлдік, кездейсоқ іріктемеде"),
        ("ru", "Точность в случайной выборке"),
        ("en", "Accuracy, of the random sample"),
    ],
)
def test_the_sample_stands_beside_what_was_judged(
    analyst: Visitor, language: str, words: str
) -> None:
    """Among the figures of these days, and in the table of groups."""
    assert analyst.get(f"/{language}/analyst/quality").text.count(words) == 2


def test_the_accuracy_of_the_sample_is_told_with_its_interval(analyst: Visitor) -> None:
    """And with what it is of, in all and by group."""
    text = analyst.get("/en/analyst/quality").text

    assert len(re.findall(r"83%[^%]*42% – 91\.7%<br>5 of 6", text)) == 2


@pytest.mark.parametrize(("page", "table", "first"), TABLES)
def test_every_table_is_a_file_for_a_spreadsheet(
    analyst: Visitor, page: str, table: str, first: str
) -> None:
    """The page links to it, with the same days."""
    text = analyst.get(f"/kk/analyst/{page}").text
    link = re.search(rf'href="([^"]*table={table}[^"]*)" download', text)
    assert link
    answer = analyst.get(link.group(1).replace("&amp;", "&"))

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"qyzmet-{page.partition('?')[0]}-{table}.csv" in answer.headers["content-disposition"]
    assert rows[0][0] == first
    assert len(rows) > 1


@pytest.mark.parametrize(
    ("table", "question"),
    [
        ("series", pb.GetCoverageSeriesRequest),
        ("groups", pb.GetCoverageSeriesRequest),
        ("points", pb.GetCoverageSeriesRequest),
        ("offline", pb.ListOfflineServicesRequest),
        ("forecast", pb.GetCoverageForecastRequest),
    ],
)
def test_a_table_of_the_coverage_is_all_that_is_asked_for(
    analyst: Visitor, peer: Peer, table: str, question: type
) -> None:
    """No other question of the page is put to audit."""
    assert analyst.get(f"/en/analyst/coverage?table={table}").status_code == 200

    assert [type(one) for one in peer.asked] == [question]


@pytest.mark.parametrize("asked", ["", "?table=measures"])
def test_drift_asks_for_no_topics_by_itself(analyst: Visitor, peer: Peer, asked: str) -> None:
    """To find them takes seconds, and each question is recorded as a reading."""
    assert analyst.get(f"/en/analyst/drift{asked}").status_code == 200

    assert peer.asked_for(cases_pb2.ListTriagedTopicsRequest) == []


def test_topics_are_told_to_who_looks_for_them(analyst: Visitor, peer: Peer) -> None:
    """By their words and what the model thought of, of the days that are compared."""
    page = analyst.get("/en/analyst/drift?language=ru").text
    (way,) = re.findall(r'href="([^"]+)#topics"', page)
    text = analyst.get(html.unescape(way)).text

    assert "дрон, полёт" in text
    assert text.count(">new topic<") == 1
    assert "Passport en" in text
    assert "There were more; the newest were looked at." in text
    (asked,) = peer.asked_for(cases_pb2.ListTriagedTopicsRequest)
    assert (asked.start_date, asked.end_date) == ("2026-03-01", "2026-03-30")
    assert asked.language == catalog_pb2.LANGUAGE_RU


def test_topics_of_very_many_days_are_those_of_the_last(analyst: Visitor, peer: Peer) -> None:
    """No more days are asked for than may be."""
    year = pb.GetDriftResponse(start_date="2025-03-31", end_date="2026-03-30")
    peer.answers[pb.GetDriftRequest] = year

    assert analyst.get("/en/analyst/drift?topics=yes").status_code == 200
    (asked,) = peer.asked_for(cases_pb2.ListTriagedTopicsRequest)
    assert (asked.start_date, asked.end_date) == ("2025-12-29", "2026-03-30")


def test_no_topics_are_explained(analyst: Visitor, peer: Peer) -> None:
    """Where too few cases went to a person."""
    peer.answers[cases_pb2.ListTriagedTopicsRequest] = cases_pb2.ListTriagedTopicsResponse(
        start_date="2026-03-01", end_date="2026-03-30", least_people=5
    )

    assert "Too few requests went to a person" in analyst.get("/en/analyst/drift?topics=yes").text


@pytest.mark.parametrize("away", [UnavailableError(), DeadlineError()])
def test_drift_is_told_while_topics_are_not(
    analyst: Visitor, peer: Peer, away: ServiceError
) -> None:
    """Whoever wants the table of topics is told to come again."""
    peer.refuse[cases_pb2.ListTriagedTopicsRequest] = away

    text = analyst.get("/en/analyst/drift?topics=yes").text

    assert "<strong>1 alarm</strong>" in text
    assert "Try again in a minute" in text
    assert analyst.get("/en/analyst/drift?table=measures").status_code == 200
    assert analyst.get("/en/analyst/drift?table=topics").status_code >= 500


def test_a_table_that_is_none_is_not_found(analyst: Visitor) -> None:
    """It has no address."""
    assert analyst.get("/en/analyst/quality?table=moon").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_programs_are_told_where_to_ask_the_same(analyst: Visitor, page: str) -> None:
    """The REST route with the same days takes what the page took."""
    text = analyst.get(f"/en/analyst/{page}?start_date=2026-03-01").text
    (route, *_) = re.findall(r"GET (/v1/[^<]+)<", text)

    query = parse_qs(urlsplit(route.replace("&amp;", "&")).query)
    assert query["start_date"] == ["2026-03-01"]
    assert query["format"] == ["csv"]


@pytest.mark.parametrize("page", PAGES)
def test_every_chart_tells_what_it_shows(analyst: Visitor, page: str) -> None:
    """By a name that is seen and one that is heard, and by its figures in words."""
    text = analyst.get(f"/ru/analyst/{page}").text
    charts = [ElementTree.fromstring(one) for one in CHART.findall(text)]

    assert charts
    assert len(NAMED_CHART.findall(text)) == len(charts)
    for chart in charts:
        named = chart.get("aria-labelledby", "").split()
        told = {one.get("id"): one.text for one in chart if one.tag in ("title", "desc")}
        assert chart.get("role") == "img"
        assert all(told[name] for name in named)


@pytest.mark.parametrize("page", PAGES)
def test_no_chart_brings_a_style_or_a_script(analyst: Visitor, page: str) -> None:
    """The policy of the page would refuse both."""
    charts = "".join(CHART.findall(analyst.get(f"/en/analyst/{page}").text))

    assert "style=" not in charts
    assert "<script" not in charts
    assert "on" not in {name[:2] for name in re.findall(r" ([a-z-]+)=", charts)}


def test_names_of_the_register_are_text_and_nothing_else(analyst: Visitor) -> None:
    """In tables and in charts, whatever somebody called a service."""
    text = analyst.get("/en/analyst/coverage").text

    assert HOSTILE not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_figures_of_few_cases_are_marked_and_shown(analyst: Visitor) -> None:
    """Seven of eight is told, and that it says little."""
    text = analyst.get("/en/analyst/quality").text

    assert "7 of 8" in text
    assert "few cases" in text


def test_an_alarm_is_told_at_the_top(analyst: Visitor) -> None:
    """In words, and by name in the table."""
    text = analyst.get("/en/analyst/drift").text

    assert "<strong>1 alarm</strong>" in text
    assert "Length of texts" in text


def test_a_clear_gap_is_marked(analyst: Visitor) -> None:
    """In the chart by its form, in the table by a word."""
    text = analyst.get("/en/analyst/fairness").text

    assert "dot kind-0 marked" in text
    assert ">clear</span>" in text


def test_days_without_cases_are_explained(analyst: Visitor, peer: Peer) -> None:
    """An empty page says why, and what to do."""
    days = {"start_date": "2026-03-01", "end_date": "2026-03-30"}
    peer.answers[pb.GetQualityRequest] = pb.GetQualityResponse(**days)
    peer.answers[pb.GetTimesRequest] = pb.GetTimesResponse(**days)
    peer.answers[pb.GetFairnessRequest] = pb.GetFairnessResponse(**days)
    peer.answers[pb.GetCoverageSeriesRequest] = pb.GetCoverageSeriesResponse(**days)

    for page in ("quality", "times", "fairness", "coverage"):
        text = analyst.get(f"/en/analyst/{page}").text
        assert "There were no requests in these days" in text


def test_a_line_of_too_few_days_is_not_drawn_but_explained(analyst: Visitor) -> None:
    """No forecast is made up."""
    text = analyst.get("/en/analyst/coverage").text

    assert "Fewer than fourteen days are known" in text


def test_who_looks_after_the_model_sees_what_is_for_them(visit_as: VisitAs, peer: Peer) -> None:
    """Quality and drift, and no way to what they may not see."""
    peer.answers.update(ANSWERS)
    steward = visit_as(Role.MODEL_STEWARD)

    assert steward.get("/en/analyst").headers["location"] == "/en/analyst/quality"
    text = steward.get("/en/analyst/quality").text
    assert "/en/analyst/drift" in text
    assert "/en/analyst/coverage" not in text


def test_the_first_page_leads_to_the_coverage(analyst: Visitor) -> None:
    """That is what a ministry asks first."""
    assert analyst.get("/ru/analyst").headers["location"] == "/ru/analyst/coverage"

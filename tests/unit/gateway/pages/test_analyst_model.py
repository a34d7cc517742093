"""The page of models: the live one, a candidate beside it, and who let which go live."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.audit.v1 import audit_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb
from services.chassis.errors import UnavailableError
from services.chassis.principal import Role
from tests.unit.gateway.pages.analyst_answers import DAYS
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import PROPOSAL, SHADOWED, Peer

VisitAs = Callable[..., Visitor]

LIVE, CANDIDATE = "5f" * 32, "a1" * 32


def card(model: str, top1: float) -> pb.ModelCard:
    return pb.ModelCard(
        model=model,
        label_count=301,
        example_count=17_583,
        held_out=[pb.ModelFigures(language="kk", count=1167, top1=top1, top3=0.93)],
        thresholds=[pb.ModelThresholds(language="kk", route=1.0, confirm=0.25)],
        limits=["Written for this product."],
    )


HISTORY = [
    pb.Promotion(
        time=Timestamp(seconds=1_768_728_600),
        model=LIVE,
        why="promoted",
        by=["Aigul <b>", "Marat"],
    )
]
WAITING = pb.GetModelsResponse(live=card(LIVE, 0.8278), proposals=[PROPOSAL], version=3)
ALONE = pb.GetModelsResponse(live=card(LIVE, 0.8278), history=HISTORY)
BOTH = pb.GetModelsResponse(
    live=card(LIVE, 0.8278),
    candidate=card(CANDIDATE, 0.8412),
    shadow=[pb.ShadowFigures(language="all", count=12, agreement=0.75)],
    differences=[pb.ShadowDifference(live="identity.passport", candidate="out-of-scope", count=3)],
    dropped_count=2,
)
STORED = pb.GetModelsResponse(live=ALONE.live, stored=[card(CANDIDATE, 0.8412)], version=3)
TRIAL = pb.Trial(
    languages=[pb.LanguageTrial(language="kk", before=pb.ModelFigures(language="kk", count=100))],
    services=[pb.ServiceTrial(service_id="identity.passport", count=7, before=0.5, after=0.25)],
)
EVERYTHING = pb.GetModelsResponse(
    live=BOTH.live,
    candidate=BOTH.candidate,
    shadow=BOTH.shadow,
    differences=BOTH.differences,
    stored=STORED.stored,
    history=HISTORY,
    shadow_model=CANDIDATE,
    shadow_changes=[SHADOWED],
)
EVERYTHING.proposals.add(trial=TRIAL, shadow=BOTH.shadow).MergeFrom(PROPOSAL)


def page(visitor: Visitor, language: str = "en") -> str:
    answer = visitor.get(f"/{language}/analyst/model")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def analyst(visit_as: VisitAs, peer: Peer) -> Visitor:
    peer.answers[pb.GetModelsRequest] = ALONE
    return visit_as(Role.ANALYST)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_live_model_is_described(analyst: Visitor, language: str) -> None:
    """By what it is, what it was made of, and what it could do."""
    text = page(analyst, language)

    assert LIVE in text
    assert text.count("<h1") == 1
    assert set(re.findall('hreflang="(..)"', text)) == {"kk", "ru", "en"} - {language}
    assert "1167" in text.replace(",", "").replace("\xa0", "")


def test_figures_of_the_field_stand_beside_the_card(analyst: Visitor, peer: Peer) -> None:
    """What citizens and offices judged, marked where it is little."""
    accuracy = audit_pb2.Share(count=7, of=8, value=0.875, low=0.5, high=0.98, is_small=True)
    peer.answers[audit_pb2.GetQualityRequest] = audit_pb2.GetQualityResponse(
        rows=[audit_pb2.QualityRow(key=LIVE, accuracy=accuracy)], **DAYS
    )
    text = page(analyst)

    assert "7 of 8" in text
    assert "few cases" in text
    (asked,) = peer.asked_for(audit_pb2.GetQualityRequest)
    assert asked.group_by == audit_pb2.DIMENSION_MODEL


def test_a_threshold_that_nothing_reaches_is_called_never(analyst: Visitor) -> None:
    """Not 100 %, which somebody might take for a hurdle that is passed."""
    text = page(analyst)

    assert '<td class="number">never</td><td class="number">25%</td>' in text


def test_without_a_candidate_the_page_says_how_one_looks_on(analyst: Visitor) -> None:
    """And compares nothing."""
    text = page(analyst)

    assert "No candidate looks on." in text
    assert "Said the same" not in text


def test_a_candidate_stands_beside_the_live_model(analyst: Visitor, peer: Peer) -> None:
    """On the same examples and the same texts, with names of services where they differ."""
    peer.answers[pb.GetModelsRequest] = BOTH
    text = page(analyst)

    assert "82.8" in text or "83%" in text
    assert "84%" in text
    assert "75%" in text
    assert "Passport en" in text
    assert "No public service" in text
    assert "2 texts were not shown to it" in text


def test_the_commands_name_the_candidate(analyst: Visitor, peer: Peer) -> None:
    """As the command line takes it, with two people."""
    peer.answers[pb.GetModelsRequest] = BOTH

    assert f"qyzmet promote {CANDIDATE[:8]} --by NAME --by NAME" in page(analyst)


def test_an_analyst_looks_and_changes_nothing(analyst: Visitor, peer: Peer) -> None:
    """There is no form for them, whether or not a model waits."""
    for told in (ALONE, WAITING):
        peer.answers[pb.GetModelsRequest] = told
        assert 'method="post"' not in page(analyst).split("<main")[1]


def test_who_let_which_go_live_is_told(analyst: Visitor) -> None:
    """By name, as they were written down, and as text."""
    text = page(analyst)

    assert "Aigul &lt;b&gt;, Marat" in text
    assert "promoted" in text


def test_a_model_that_is_away_is_told_so(analyst: Visitor, peer: Peer) -> None:
    """With what to do next."""
    peer.refuse[pb.GetModelsRequest] = UnavailableError("no model")
    answer = analyst.get("/en/analyst/model")

    assert answer.status_code == 503
    assert "Try again in a minute" in answer.text


def test_a_model_steward_finds_the_page(visit_as: VisitAs, peer: Peer) -> None:
    """It is theirs before anybody's."""
    peer.answers[pb.GetModelsRequest] = ALONE

    assert 'aria-current="page">Models' in page(visit_as(Role.MODEL_STEWARD))


@pytest.mark.parametrize(
    "told", [ALONE, BOTH, STORED, EVERYTHING], ids=["alone", "both", "stored", "everything"]
)
def test_every_table_is_one_to_download(
    analyst: Visitor, peer: Peer, told: pb.GetModelsResponse
) -> None:
    """By a link below it, which leads to rows."""
    peer.answers[pb.GetModelsRequest] = told
    _, *tables = page(analyst).split("<table")

    links = [re.search(r'href="([^"]+)" download', table) for table in tables]
    assert all(links)
    sheets = [analyst.get(unescape(link.group(1))) for link in links if link]
    assert {sheet.headers["content-type"] for sheet in sheets} == {"text/csv; charset=utf-8"}
    assert min(len(sheet.text.splitlines()) for sheet in sheets) > 1


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("live", "kk,1167,0.8278,0.93"),
        ("candidate", "kk,1167,0.8412,0.93"),
        ("thresholds", "kk,1.0,0.25"),
        ("candidate-thresholds", "kk,1.0,0.25"),
        ("shadow", "all,12,0.75"),
        ("differences", "identity.passport,out-of-scope,3"),
        ("shadow-changes", f"{CANDIDATE},aigul,,It learned."),
        ("stored", f"{CANDIDATE},301,,17583,kk,1167,0.8412,0.93"),
        ("gate", "kk,kk,100,"),
        ("gate-services", "identity.passport,7,0.5,0.25"),
        ("proposed-shadow", "all,12,0.75"),
        ("proposals", f"3,promotion,{CANDIDATE},{LIVE},open,aigul"),
    ],
)
def test_a_table_holds_what_the_page_shows(
    analyst: Visitor, peer: Peer, name: str, row: str
) -> None:
    """Of the models, of what both said, of what is stored, and of what the gate found."""
    peer.answers[pb.GetModelsRequest] = EVERYTHING
    told = analyst.get(f"/en/analyst/model?table={name}")

    assert told.headers["content-disposition"] == f'attachment; filename="qyzmet-model-{name}.csv"'
    assert row in told.text


def test_its_days_are_chosen_as_on_every_page(analyst: Visitor, peer: Peer) -> None:
    """What was judged is asked for in these days, and goes along to the quality of each model."""
    text = analyst.get("/en/analyst/model?start_date=2026-03-01&end_date=2026-03-30").text

    (asked,) = peer.asked_for(audit_pb2.GetQualityRequest)
    assert (asked.start_date, asked.end_date) == ("2026-03-01", "2026-03-30")
    assert 'id="start_date" name="start_date" value="2026-03-01"' in text
    assert "/quality?start_date=2026-03-01&amp;end_date=2026-03-30&amp;group_by=model" in text


def test_what_was_live_in_these_days_is_told(analyst: Visitor, peer: Peer) -> None:
    """Also what was as they began; neither what had ended before nor what came after.

    A day is one of Kazakhstan, which begins in the evening before by the clocks of machines.
    """
    went_live = {
        "a": "2026-03-30T20:00:00Z",
        "b": "2026-03-30T12:00:00Z",
        "c": "2026-02-28T20:00:00Z",
        "d": "2026-02-11T12:00:00Z",
        "e": "2026-01-03T12:00:00Z",
    }
    history = [pb.Promotion(model=model * 64, why="promoted") for model in went_live]
    for one, time in zip(history, went_live.values(), strict=True):
        one.time.FromJsonString(time)
    peer.answers[pb.GetModelsRequest] = pb.GetModelsResponse(live=ALONE.live, history=history)
    table = analyst.get("/en/analyst/model?table=history").text

    assert re.findall(r",((.)\2{63}),", table) == [(one * 64, one) for one in "bcd"]
    assert re.findall(r"<code>((.)\2{11})</code>", page(analyst)) == [
        (one * 12, one) for one in "bcd"
    ]


def test_a_table_of_no_candidate_is_not_there(analyst: Visitor) -> None:
    """Nor is any other."""
    for name in ("candidate", "nothing"):
        assert analyst.get(f"/en/analyst/model?table={name}").status_code == 404

"""Days that cannot be shown together: the page says which can, and asks for others."""

import re
from collections.abc import Callable

import pytest

from gateway.pages.analyst.wanted import MOST_DAYS, spans
from qyzmet.audit.v1 import audit_pb2 as pb
from services.audit.domain.demand import MAX_DAYS
from services.chassis.errors import InvalidError
from services.chassis.principal import Role
from tests.unit.gateway.pages.analyst_answers import ANSWERS
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import Peer

VisitAs = Callable[..., Visitor]

QUESTIONS = {
    "coverage": pb.GetCoverageSeriesRequest,
    "quality": pb.GetQualityRequest,
    "drift": pb.GetDriftRequest,
    "fairness": pb.GetFairnessRequest,
    "times": pb.GetTimesRequest,
    "programmes": pb.GetProgrammesRequest,
    "model": pb.GetQualityRequest,
    "decisions": pb.FindDecisionsRequest,
}
SWAPPED = "start_date=2026-03-30&end_date=2026-03-01"
WORDS = {
    "kk": "бірінші күн соңғы күннен кейін болмауы керек",
    "ru": "первый не позже последнего",
    "en": "Choose at most 366 days, the first before the last.",
}


@pytest.fixture
def analyst(visit_as: VisitAs, peer: Peer) -> Visitor:
    peer.answers.update(ANSWERS)
    for question in QUESTIONS.values():
        peer.refuse[question] = InvalidError("from 1 to 366 days", field="start_date")
    return visit_as(Role.ANALYST)


def test_the_page_says_as_many_days_as_audit_tells() -> None:
    """They may not import each other."""
    assert MOST_DAYS == MAX_DAYS


@pytest.mark.parametrize("page", QUESTIONS)
def test_days_that_are_refused_come_back_with_the_form(analyst: Visitor, page: str) -> None:
    """In the frame of the page: its name, the other sections, the days as they were typed."""
    answer = analyst.get(f"/en/analyst/{page}?{SWAPPED}")

    assert answer.status_code == 400
    assert WORDS["en"] in answer.text
    assert len(re.findall("<h1", answer.text)) == 1
    assert re.search('<a href="[^"]*" aria-current="page">', answer.text)
    for name, day in (("start_date", "2026-03-30"), ("end_date", "2026-03-01")):
        assert (
            f'id="{name}" name="{name}" value="{day}" aria-invalid="true" '
            'aria-describedby="wrong-days"'
        ) in answer.text


@pytest.mark.parametrize("language", WORDS)
def test_what_is_wrong_is_said_in_every_language(analyst: Visitor, language: str) -> None:
    """And how many days there may be."""
    text = analyst.get(f"/{language}/analyst/coverage?{SWAPPED}").text

    assert WORDS[language] in text
    assert "366" in text


def test_filters_are_kept_for_the_next_try(analyst: Visitor) -> None:
    """The form sends them again, and so do the usual spans up to the same day."""
    text = analyst.get(f"/en/analyst/coverage?{SWAPPED}&region=75&group_by=region").text

    assert '<input type="hidden" name="region" value="75">' in text
    assert '<input type="hidden" name="group_by" value="region">' in text
    assert (
        "/en/analyst/coverage?region=75&amp;group_by=region"
        "&amp;start_date=2026-02-23&amp;end_date=2026-03-01"
    ) in text


def test_without_a_last_day_the_usual_spans_end_today(analyst: Visitor) -> None:
    """A first day alone may lie too far back."""
    answer = analyst.get("/en/analyst/quality?start_date=2020-01-01")

    assert answer.status_code == 400
    assert len(re.findall(r"start_date=[0-9-]+&amp;end_date=[0-9-]+", answer.text)) == 4


def test_what_else_is_refused_is_told_as_ever(analyst: Visitor, peer: Peer) -> None:
    """It was not the days."""
    peer.refuse[pb.GetDriftRequest] = InvalidError("no", field="language")
    answer = analyst.get("/en/analyst/drift")

    assert answer.status_code == 400
    assert WORDS["en"] not in answer.text


@pytest.mark.parametrize("page", QUESTIONS)
def test_what_is_no_day_comes_back_with_the_form(analyst: Visitor, peer: Peer, page: str) -> None:
    """Before anybody is asked: the field, what was typed, how a day is written, and a code."""
    answer = analyst.get(f"/en/analyst/{page}?start_date=2026-13-45&end_date=2026-03-30")

    assert answer.status_code == 400
    words = "First day: “2026-13-45” is no day. Write year, month and day, such as 2026-03-01."
    assert words in answer.text
    assert "<code>NO_SUCH_DAY</code>" in answer.text
    assert 'id="start_date" name="start_date" value="2026-13-45" aria-invalid="true"' in answer.text
    assert 'id="end_date" name="end_date" value="2026-03-30">' in answer.text
    assert peer.asked == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Соңғы күн: «&lt;b&gt;»"),
        ("ru", "Последний день: «&lt;b&gt;»"),
        ("en", "Last day: “&lt;b&gt;”"),
    ],
)
def test_a_field_that_holds_no_day_is_named_in_every_language(
    analyst: Visitor, language: str, words: str
) -> None:
    """What was typed is shown as text, and the example is a day that the form takes."""
    text = analyst.get(f"/{language}/analyst/quality?end_date=%3Cb%3E&region=75").text

    assert words in text
    assert "2026-03-01" in text
    assert '<input type="hidden" name="region" value="75">' in text
    assert len(re.findall(r"start_date=[0-9-]+&amp;end_date=[0-9-]+", text)) == 4


def test_two_fields_that_hold_no_days_are_both_told(analyst: Visitor) -> None:
    """At once."""
    text = analyst.get("/en/analyst/times?start_date=01.03.2026&end_date=today").text

    assert text.count("is no day.") == 2


def test_no_span_begins_before_there_are_days() -> None:
    """However early its last day is."""
    assert {start for _, start, _ in spans("0001-01-05")} == {"0001-01-01"}

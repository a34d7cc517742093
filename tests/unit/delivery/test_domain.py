"""Who is sent which event, in which order, and what an office may answer."""

from typing import Any

import pytest

from services.chassis.errors import InvalidError, NotFoundError
from services.delivery import domain
from services.delivery.domain import Answer, AnswerKind, CursorAheadError
from tests.unit.delivery.stories import NOON, event


def answer(kind: AnswerKind = AnswerKind.ACCEPT, **more: Any) -> Answer:
    values: dict[str, Any] = {
        "case_id": "c1",
        "office": "MIA",
        "expected_version": 0,
        "request_id": "r1",
    }
    return Answer(kind=kind, **(values | more))


def test_the_holder_is_sent_the_event() -> None:
    """Who holds the case after an event gets it."""
    assert domain.recipients(event("c1", 2)) == ["MIA"]


def test_who_loses_a_case_is_told() -> None:
    """The office that held the case before sees that it left."""
    moved = event("c1", 3, "returned", office="", previous_office="MIA")

    assert domain.recipients(moved) == ["MIA"]


def test_an_office_is_sent_an_event_once() -> None:
    """An office that holds the case before and after gets one event."""
    assert domain.recipients(event("c1", 3, previous_office="MIA")) == ["MIA"]


@pytest.mark.parametrize("name", ["submitted", "triaged", "confirmation-requested"])
def test_a_case_nobody_holds_goes_nowhere(name: str) -> None:
    """Offices hear of a case when it is theirs."""
    assert domain.recipients(event("c1", 1, name, office="")) == []


def test_an_unknown_event_goes_nowhere() -> None:
    """An event of a later release waits for that release."""
    assert not domain.recipients(event("c1", 2, "merged"))


def test_places_follow_the_end_of_each_feed() -> None:
    """Each office counts for itself, from its own end on."""
    batch = [event("c1", 1), event("c2", 1, office="akimat-75"), event("c3", 1)]

    entries = domain.enqueue(batch, {"MIA": 7}, NOON)

    assert [(e.office, e.sequence) for e in entries] == [("MIA", 8), ("akimat-75", 1), ("MIA", 9)]


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", "қ", "r1\n"])
def test_a_request_id_is_printable_ascii(request_id: str) -> None:
    """What names an answer has 1 to 128 printable ASCII characters."""
    with pytest.raises(InvalidError) as refusal:
        answer(request_id=request_id)

    assert refusal.value.field == "request_id"


@pytest.mark.parametrize("code", ["", "BECAUSE", "not_competent"])
def test_a_return_names_a_known_reason(code: str) -> None:
    """Reasons of a return are a closed set, so that they can be counted."""
    with pytest.raises(InvalidError) as refusal:
        answer(AnswerKind.RETURN, code=code)

    assert refusal.value.field == "reason_code"


def test_an_outcome_may_be_left_out() -> None:
    """A case may be completed without a code, and not with a sentence."""
    assert answer(AnswerKind.COMPLETE).code == ""
    with pytest.raises(InvalidError):
        answer(AnswerKind.COMPLETE, code="it was granted")


def test_a_version_is_not_negative() -> None:
    """No case ever had a version below 0."""
    with pytest.raises(InvalidError):
        answer(expected_version=-1)


@pytest.mark.parametrize("office", ["akimat-75", ""])
def test_a_foreign_office_does_not_exist(office: str) -> None:
    """Whose office it is not hears that there is none."""
    with pytest.raises(NotFoundError):
        domain.check_office(office, frozenset({"MIA", ""}))


def test_a_cursor_ends_where_the_feed_ends() -> None:
    """The end itself is a good cursor; one further is from another feed."""
    domain.check_cursor(5, end=5)

    with pytest.raises(CursorAheadError):
        domain.check_cursor(6, end=5)

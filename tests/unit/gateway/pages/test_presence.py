"""Who has a case open, on the pages of both desks, as services tell it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import NotFoundError
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor
from tests.unit.gateway.peer import CASE_ID, Peer

NOT_OURS = "3f2b8c1d-aaaa-4bbb-8ccc-0123456789ab"
DESKS = {
    "office": (Role.OFFICER, pb.STATE_ACCEPTED, pb.STATE_COMPLETED),
    "triage": (Role.TRIAGE_OFFICER, pb.STATE_TRIAGED, pb.STATE_ROUTED),
}
both = pytest.mark.parametrize("desk", DESKS)


def opening(subject: str = "a.erlanov", minutes: float = 0, **more: object) -> pb.OpenCaseResponse:
    since = Timestamp()
    since.FromDatetime(datetime.now(UTC) - timedelta(minutes=minutes, seconds=5))
    told = pb.Opening(subject=subject, open_time=since, seen_time=since, **more)
    return pb.OpenCaseResponse(opening=told)


@pytest.fixture
def at(visit_as: Callable[..., Visitor], peer: Peer) -> Callable[..., Visitor]:
    """Sign in somebody at a desk, with a case that they can do something about, or cannot."""

    def sign_in(desk: str, *, is_over: bool = False) -> Visitor:
        role, state, over = DESKS[desk]
        case = pb.Case(id=CASE_ID, state=over if is_over else state, version=3, office="MIA")
        peer.answers[pb.GetCaseRequest] = pb.GetCaseResponse(case=case)
        return visit_as(role, "MIA")

    return sign_in


SAID = [
    ("en", 0, "a.erlanov opened this case just now."),
    ("en", 1, "a.erlanov has had this case open for 1 minute."),
    ("ru", 2, "a.erlanov держит это дело открытым уже 2 минуты."),
    ("ru", 5, "a.erlanov держит это дело открытым уже 5 минут."),
    ("kk", 5, "a.erlanov бұл істі 5 минуттан бері ашып отыр."),
]


@both
@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said[0]}-{said[1]}")
def test_a_colleague_is_named_and_since_when(
    at: Callable[..., Visitor], peer: Peer, desk: str, said: tuple[str, int, str]
) -> None:
    """Alike at both desks, as each language counts."""
    language, minutes, words = said
    peer.answers[pb.OpenCaseRequest] = opening(minutes=minutes)

    assert words in at(desk).get(f"/{language}/{desk}/cases/{CASE_ID}").text


@both
def test_a_number_that_an_issuer_gives_is_no_name(
    at: Callable[..., Visitor], peer: Peer, desk: str
) -> None:
    """Then it is a colleague."""
    peer.answers[pb.OpenCaseRequest] = opening(NOT_OURS)

    page = at(desk).get(f"/en/{desk}/cases/{CASE_ID}").text

    assert "A colleague opened this case just now." in page
    assert NOT_OURS not in page


@both
def test_a_hostile_name_is_only_a_name(at: Callable[..., Visitor], peer: Peer, desk: str) -> None:
    """Nothing of it is markup."""
    peer.answers[pb.OpenCaseRequest] = opening("<b>x</b>{{ 7*7 }}%(n)s")

    page = at(desk).get(f"/en/{desk}/cases/{CASE_ID}").text

    assert "&lt;b&gt;x&lt;/b&gt;{{ 7*7 }}%(n)s opened this case" in page


@both
def test_nobody_is_shown_where_nobody_is(at: Callable[..., Visitor], peer: Peer, desk: str) -> None:
    """No warning without a reason."""
    peer.answers[pb.OpenCaseRequest] = opening(is_own=True)

    assert 'id="colleague"' not in at(desk).get(f"/en/{desk}/cases/{CASE_ID}").text


@both
def test_who_it_was_taken_from_is_told(at: Callable[..., Visitor], peer: Peer, desk: str) -> None:
    """And nobody else: to others it is only that a colleague has it."""
    visitor = at(desk)
    for taken_from, told in (("somebody", True), ("somebody-else", False)):
        peer.answers[pb.OpenCaseRequest] = opening(taken_from=taken_from)
        page = visitor.get(f"/en/{desk}/cases/{CASE_ID}").text
        assert ("a.erlanov has taken this case over from you." in page) == told


@both
def test_a_press_takes_it_over(at: Callable[..., Visitor], peer: Peer, desk: str) -> None:
    """And leads back to the case, where it is said."""
    visitor = at(desk)

    answer = visitor.send(f"/en/{desk}/cases/{CASE_ID}/open")

    assert peer.asked_for(pb.OpenCaseRequest) == [
        pb.OpenCaseRequest(case_id=CASE_ID, take_over=True)
    ]
    assert answer.headers["location"] == f"/en/{desk}/cases/{CASE_ID}?done=open"
    assert "You have this case now." in visitor.get(answer.headers["location"]).text


def test_who_read_the_words_goes_on_reading(at: Callable[..., Visitor]) -> None:
    """Taking over does not hide them."""
    answer = at("office").send(f"/en/office/cases/{CASE_ID}/open", read="1")

    assert answer.headers["location"].endswith("?done=open&read=1")


@both
def test_a_case_that_is_over_is_not_opened(
    at: Callable[..., Visitor], peer: Peer, desk: str
) -> None:
    """Nobody works on it."""
    at(desk, is_over=True).get(f"/en/{desk}/cases/{CASE_ID}")

    assert peer.asked_for(pb.OpenCaseRequest) == []


@both
def test_a_case_that_is_gone_is_told(at: Callable[..., Visitor], peer: Peer, desk: str) -> None:
    """With the way back to the list."""
    visitor = at(desk)
    peer.refuse[pb.OpenCaseRequest] = NotFoundError()
    peer.refuse[pb.GetCaseRequest] = NotFoundError()

    answer = visitor.send(f"/en/{desk}/cases/{CASE_ID}/open")

    assert answer.status_code == 404
    assert f'href="/en/{desk}"' in answer.text

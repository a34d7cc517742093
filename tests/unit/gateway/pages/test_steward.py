"""The pages of catalogue stewards, without a browser."""

import re
from collections.abc import Callable

import pytest

from gateway.pages.steward.fields import LANGUAGES, LONGEST, MOST_DAYS, NAMES, Filled
from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.routing.v1 import routing_pb2
from services.chassis.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidError,
    ServiceError,
    UnavailableError,
    VersionConflictError,
)
from services.chassis.principal import Role
from tests.unit.gateway.pages.conftest import Visitor, given_back
from tests.unit.gateway.peer import Peer

PASSPORT = "/en/steward/services/identity.passport"
TYPED = {
    **dict.fromkeys(NAMES, ""),
    "id": "identity.passport",
    "title_kk": "Төлқұжат",
    "title_ru": "Паспорт",
    "title_en": "Passport",
    "agency": "MIA",
    "life_event": "identity",
    "audience": "citizen",
    "channel": "online",
    "term_days": "15",
    "online_address": "https://egov.kz",
    "version": "4",
    "key": "k1",
}
LONGEST_TEXTS = {
    f"{text}_{language}": "–" * most for text, most in LONGEST.items() for language in LANGUAGES
}
"""All that the boxes take, where a form needs up to nine bytes for a letter."""


@pytest.fixture
def steward(visit_as: Callable[..., Visitor]) -> Visitor:
    return visit_as(Role.CATALOGUE_STEWARD)


def sent_to(peer: Peer, kind: type) -> list[object]:
    """Return the requests of a kind."""
    return [one for one in peer.asked if isinstance(one, kind)]


def test_a_service_is_found_by_its_id_or_words(steward: Visitor) -> None:
    """In any language."""
    page = steward.get("/en/steward?q=PASSPORT").text
    assert "identity.passport" in page
    assert "identity.hostile" not in page

    assert "No service has these words" in steward.get("/en/steward?q=nothing").text


def test_what_is_called_so_comes_before_what_merely_speaks_of_it(
    steward: Visitor, peer: Peer
) -> None:
    """Whoever looks for a passport wants no subsidy that asks for one."""
    draft = pb.Draft(version=4)
    for id_, title, keywords in (("a.subsidy", "Subsidy", "passport"), ("b.pass", "Passport", "")):
        draft.catalogue.services.add(
            id=id_,
            title=pb.LocalizedText(en=title),
            keywords=pb.LocalizedText(en=keywords),
        )
    peer.answers[pb.GetDraftRequest] = pb.GetDraftResponse(draft=draft)
    page = steward.get("/en/steward?q=passport").text

    assert page.index("b.pass") < page.index("a.subsidy")


def test_what_is_typed_becomes_the_service(steward: Visitor, peer: Peer) -> None:
    """As of the draft that was seen, and named for one sending."""
    answer = steward.send(PASSPORT, **TYPED)

    assert answer.headers["location"] == f"{PASSPORT}?saved=yes"
    assert sent_to(peer, pb.ChangeServiceRequest) == [
        pb.ChangeServiceRequest(
            service_id="identity.passport",
            service=pb.Service(
                id="identity.passport",
                title=pb.LocalizedText(kk="Төлқұжат", ru="Паспорт", en="Passport"),
                description=pb.LocalizedText(),
                evidence=pb.LocalizedText(),
                keywords=pb.LocalizedText(),
                agency="MIA",
                life_event="identity",
                audience=pb.AUDIENCE_CITIZEN,
                channel=pb.CHANNEL_ONLINE,
                term_days=15,
                online_address="https://egov.kz",
            ),
            expected_version=4,
            request_id="k1",
        )
    ]


@pytest.mark.parametrize("path", [PASSPORT, f"{PASSPORT}/split"])
def test_the_longest_texts_that_boxes_take_are_taken(
    steward: Visitor, peer: Peer, path: str
) -> None:
    """In every language at once, also where a letter is nine bytes of a form."""
    answer = steward.send(path, **TYPED | LONGEST_TEXTS)

    assert answer.status_code == 303
    asked = peer.asked[-1]
    assert isinstance(asked, pb.ChangeServiceRequest | pb.SplitServiceRequest)
    sent = asked.part if isinstance(asked, pb.SplitServiceRequest) else asked.service
    assert sent.keywords.kk == LONGEST_TEXTS["keywords_kk"]


def test_the_longest_texts_are_given_back(steward: Visitor, peer: Peer) -> None:
    """Where the register is away as they are sent."""
    peer.refuse[pb.ChangeServiceRequest] = UnavailableError()

    page = steward.send(PASSPORT, **TYPED | LONGEST_TEXTS).text

    assert given_back(page).items() >= LONGEST_TEXTS.items()


@pytest.mark.parametrize("error", [VersionConflictError(), IdempotencyKeyReusedError()])
def test_who_was_late_loses_nothing(steward: Visitor, peer: Peer, error: ServiceError) -> None:
    """The form comes back with what was typed, what the draft holds, and for a new sending."""
    peer.refuse[pb.ChangeServiceRequest] = error

    answer = steward.send(PASSPORT, **TYPED)

    assert answer.status_code == 409
    assert ">Төлқұжат</textarea>" in answer.text
    assert "In the draft now:" in answer.text
    assert 'name="key" value="k1"' not in answer.text


@pytest.mark.parametrize(("letters", "rows"), [(0, 3), (300, 9), (9000, 30)])
def test_boxes_side_by_side_are_as_high_as_the_longest_text(letters: int, rows: int) -> None:
    """Nobody has to scroll in them; and where a text is endless, the page is not."""
    values = dict.fromkeys(NAMES, "") | {"description_ru": "ж" * letters}

    assert Filled(values).rows("description") == rows


def test_each_line_of_a_text_is_a_line_of_its_box() -> None:
    """However short it is."""
    values = dict.fromkeys(NAMES, "") | {"evidence_kk": "а\n\nб\nв\nг"}

    assert Filled(values).rows("evidence") == 5


def test_a_fault_is_told_at_its_field(steward: Visitor, peer: Peer) -> None:
    """And what was typed is still there."""
    fault = InvalidError("title.ru is missing", reason="MISSING_LANGUAGE", field="title.ru")
    peer.refuse[pb.ChangeServiceRequest] = fault

    answer = steward.send(PASSPORT, **TYPED)

    assert answer.status_code == 400
    assert re.search(r'id="title_ru-wrong">Write it in all three languages', answer.text)
    assert ">Төлқұжат</textarea>" in answer.text


def test_another_language_of_a_refused_form_saves_nothing(steward: Visitor, peer: Peer) -> None:
    """It only shows what was typed again."""
    answer = steward.send(PASSPORT.replace("/en/", "/ru/"), **TYPED, show="yes")

    assert ">Төлқұжат</textarea>" in answer.text
    assert sent_to(peer, pb.ChangeServiceRequest) == []


@pytest.mark.parametrize("term", ["abc", "-1", "1001", "9" * 30])
def test_a_term_that_is_no_term_is_for_the_service_to_refuse(
    steward: Visitor, peer: Peer, term: str
) -> None:
    """It is never read as none."""
    steward.send(PASSPORT, **TYPED | {"term_days": term})

    (asked,) = sent_to(peer, pb.ChangeServiceRequest)
    assert isinstance(asked, pb.ChangeServiceRequest)
    assert asked.service.term_days == 1001


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("term", ["abc", "1500"])
def test_a_refused_term_says_what_a_term_may_be(
    steward: Visitor, peer: Peer, language: str, term: str
) -> None:
    """In each language, with what was typed."""
    peer.refuse[pb.ChangeServiceRequest] = InvalidError(
        "a term has at most 1000 working days", reason="BAD_VALUE", field="term-days"
    )

    page = steward.send(PASSPORT.replace("/en/", f"/{language}/"), **TYPED | {"term_days": term})

    wrong = re.search(r'id="term_days-wrong">([^<]+)<', page.text)
    assert wrong
    assert re.search(rf"\b1\b.*\b{MOST_DAYS}\b", wrong.group(1))
    assert re.search(rf'name="term_days"[^>]* value="{term}"', page.text)


def test_a_term_that_is_no_number_reaches_us(steward: Visitor) -> None:
    """Of a field for numbers a browser sends nothing then, and the term would go unseen."""
    page = steward.get(PASSPORT).text

    assert re.search(r'<input type="text"[^>]* name="term_days"', page)


def test_services_are_merged(steward: Visitor, peer: Peer) -> None:
    """And the steward sees the one that stays."""
    fields = {"successor_id": "identity.hostile", "version": "4", "key": "k1"}
    answer = steward.send(f"{PASSPORT}/merge", **fields)

    assert answer.headers["location"].endswith("/services/identity.hostile?saved=yes")
    assert sent_to(peer, pb.MergeServicesRequest) == [
        pb.MergeServicesRequest(
            service_id="identity.passport",
            successor_id="identity.hostile",
            expected_version=4,
            request_id="k1",
        )
    ]


def test_a_new_service_begins_as_the_one_that_is_split(steward: Visitor, peer: Peer) -> None:
    """But for the id, which is new."""
    page = steward.get("/en/steward/services/identity.hostile/split").text
    assert re.search(r'name="id"[^>]* value=""', page)

    steward.send(f"{PASSPORT}/split", **TYPED | {"id": "identity.child"})
    (asked,) = sent_to(peer, pb.SplitServiceRequest)
    assert isinstance(asked, pb.SplitServiceRequest)
    assert (asked.service_id, asked.part.id) == ("identity.passport", "identity.child")


def test_texts_of_the_register_are_shown_as_texts(steward: Visitor) -> None:
    """Whoever writes a script into a title sees it as letters."""
    for path in ("/steward", "/steward/draft", "/steward/services/identity.hostile"):
        page = steward.get(f"/en{path}").text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


def test_a_draft_is_published_as_it_was_seen(steward: Visitor, peer: Peer) -> None:
    """By its version."""
    answer = steward.send("/en/steward/draft/publish", version="4", key="k1")

    assert answer.headers["location"] == "/en/steward/draft?done=publish"
    assert sent_to(peer, pb.PublishDraftRequest) == [
        pb.PublishDraftRequest(expected_version=4, request_id="k1")
    ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (VersionConflictError(), "changed while you were looking at it"),
        (ConflictError("moved", reason="BASE_MOVED"), "replaced under this draft"),
        (ConflictError("own", reason="OWN_DRAFT"), "Ask another steward"),
    ],
)
def test_a_draft_that_is_not_what_was_seen_is_not_published(
    steward: Visitor, peer: Peer, error: ServiceError, words: str
) -> None:
    """It is shown as it is now, with what to do next."""
    peer.refuse[pb.PublishDraftRequest] = error

    answer = steward.send("/en/steward/draft/publish", version="3", key="k1")

    assert answer.status_code == 409
    assert words in answer.text


@pytest.mark.parametrize(
    ("two_people", "editors", "is_offered"),
    [(True, ["somebody"], False), (True, ["another"], True), (False, ["somebody"], True)],
)
def test_an_editor_is_told_to_ask_another_steward(
    steward: Visitor, peer: Peer, two_people: bool, editors: list[str], is_offered: bool
) -> None:
    """Where it takes two people there is no button that would be refused."""
    draft = pb.Draft(
        version=4,
        editors=editors,
        two_people=two_people,
        differences=[pb.ServiceDifference(before=pb.Service(id="a"), successor_id="b")],
    )
    peer.answers[pb.GetDraftRequest] = pb.GetDraftResponse(draft=draft)

    page = steward.get("/en/steward/draft").text

    assert ("Publish this draft" in page) == is_offered
    assert ("It takes two people" in page) != is_offered


def test_a_draft_is_thrown_away_by_a_second_press(steward: Visitor, peer: Peer) -> None:
    """After it was said how much is lost, and whose work it is; without scripts too."""
    gone = [pb.ServiceDifference(before=pb.Service(id=one), successor_id="c") for one in "ab"]
    draft = pb.Draft(version=4, editors=["aigul", "bolat"], differences=gone)
    peer.answers[pb.GetDraftRequest] = pb.GetDraftResponse(draft=draft)

    page = steward.get("/en/steward/draft").text

    asked = re.search(r'<details class="discard">(.*?)</details>', page, re.DOTALL)
    assert asked
    assert "in 2 services will be lost" in asked.group(1)
    assert "Written by: aigul, bolat" in asked.group(1)
    assert page.count("/draft/discard") == asked.group(1).count("/draft/discard") == 1


def test_the_model_is_asked_about_each_text(steward: Visitor) -> None:
    """And it is said that words here do not change it."""
    page = steward.get("/en/steward/services/identity.hostile/model").text

    assert "learns new words only when it is trained" in page
    assert page.count("sure of this service") == 3


def test_without_the_model_the_page_says_so(steward: Visitor, peer: Peer) -> None:
    """And nothing is made up."""
    peer.refuse[routing_pb2.SuggestRequest] = UnavailableError()

    page = steward.get("/en/steward/services/identity.hostile/model").text

    assert "The model is away" in page


def test_a_service_that_is_not_in_the_draft_is_not_found(steward: Visitor) -> None:
    """As any address at which there is nothing."""
    assert steward.get("/en/steward/services/no.such").status_code == 404


def test_the_trail_is_read_by_those_who_check(visit_as: Callable[..., Visitor]) -> None:
    """An analyst sees who published."""
    page = visit_as(Role.ANALYST).get("/en/steward/changes").text

    assert "aigul" in page
    assert "Published" in page

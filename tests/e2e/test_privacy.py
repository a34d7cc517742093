"""Who sees what: a case is its citizen's and its office's, and nobody else knows of it."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2_grpc as pb_grpc
from services.chassis.principal import Role
from tests.e2e.conftest import Eventually, Settled
from tests.e2e.people import Person, Town
from tests.e2e.words import Words
from tests.system import System

STREAM_SECONDS = 60.0
Case = dict[str, Any]


@pytest.fixture(scope="module")
def citizen(town: Town) -> Person:
    return town.citizen()


@pytest.fixture(scope="module")
def case(citizen: Person, words: Words, settled: Settled) -> Case:
    """Return a case that an office holds."""
    return settled(citizen, citizen.submit(words.of("route"))["id"])


@pytest.fixture(scope="module")
def feeds(system: System) -> Iterator[pb_grpc.FeedServiceStub]:
    """Return the door of streams."""
    with grpc.insecure_channel(system.settings["QYZMET_ADDRESSES__FEED"]) as channel:
        yield pb_grpc.FeedServiceStub(channel)


@pytest.mark.parametrize("what", ["", "/text"])
def test_another_citizen_is_told_there_is_no_such_case(town: Town, case: Case, what: str) -> None:
    """To read it, its id is not enough: one must be its citizen."""
    answer = town.citizen().get(f"/v1/cases/{case['id']}{what}")

    assert (answer.status_code, answer.json()["code"]) == (404, "CASE_NOT_FOUND")


@pytest.mark.parametrize(
    ("verb", "body"), [("withdraw", {}), ("confirm", {"service_id": "identity.passport"})]
)
def test_another_citizen_can_do_nothing_to_it(
    town: Town, citizen: Person, case: Case, verb: str, body: dict[str, str]
) -> None:
    """No verb tells that the case exists, and none changes it."""
    answer = town.citizen().attempt(case["id"], verb, **body)

    assert (answer.status_code, answer.json()["code"]) == (404, "CASE_NOT_FOUND")
    assert citizen.case(case["id"]) == case


def test_another_citizens_list_does_not_show_it(town: Town, citizen: Person, case: Case) -> None:
    """Each sees their own cases only."""
    assert case["id"] in {one["id"] for one in citizen.cases()}
    assert town.citizen().cases() == []


def test_the_words_are_for_the_citizen_and_the_office(
    town: Town, citizen: Person, case: Case, words: Words
) -> None:
    """Both read what was written, word for word; a triage officer does not."""
    path = f"/v1/cases/{case['id']}/text"

    readers = (citizen, town.officer(case["office"]), town.one(Role.TRIAGE_OFFICER))

    answers = [reader.get(path) for reader in readers]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert [answer.json()["text"] for answer in answers[:2]] == [words.of("route")] * 2


def test_an_office_sees_no_other_offices_case(town: Town, case: Case) -> None:
    """For an officer of another office the case does not exist."""
    officer = town.officer("akimat-99")

    assert officer.get(f"/v1/cases/{case['id']}").status_code == 404
    assert case["id"] not in {one["id"] for one in officer.cases()}


def test_a_receipts_number_finds_the_case_for_whom_it_is(
    town: Town, citizen: Person, case: Case
) -> None:
    """For its citizen and its office; whoever else guesses the number finds nothing."""

    def found(who: Person) -> list[str]:
        page = who.json(who.get("/v1/cases", number=case["number"]))["cases"]
        return [one["id"] for one in page]

    assert found(citizen) == found(town.officer(case["office"])) == [case["id"]]
    strangers = town.citizen(), town.officer("akimat-99"), town.anonymous
    assert [found(who) for who in strangers] == [[], [], []]


def test_a_triage_officer_reads_masked_words_of_what_waits_only(
    town: Town, citizen: Person, case: Case, words: Words, settled: Settled
) -> None:
    """What an office holds is no concern of theirs, whatever ids they know."""
    waiting = settled(citizen, citizen.submit(words.of("triage"))["id"])
    officer = town.one(Role.TRIAGE_OFFICER)

    read = [officer.get(f"/v1/cases/{one['id']}/masked-text") for one in (waiting, case)]

    assert [answer.status_code for answer in read] == [200, 404]
    assert read[1].json()["code"] == "CASE_NOT_FOUND"


def test_who_read_the_words_is_told_to_who_looks_after_privacy(
    town: Town, citizen: Person, words: Words, settled: Settled
) -> None:
    """Each reading by anybody, and no reading by whom it was refused."""
    case = settled(citizen, citizen.submit(words.of("route"))["id"])
    for reader in (town.officer(case["office"]), town.officer("akimat-99"), town.citizen()):
        reader.get(f"/v1/cases/{case['id']}/text")

    told = town.administrator().get("/v1/readings", case_id=case["id"]).json()["readings"]

    assert [(one["subject"], one["role"]) for one in told] == [("officer", "officer")]


def test_an_office_reads_no_other_offices_feed(town: Town, case: Case) -> None:
    """Not even whether the other office exists is told."""
    answer = town.officer("akimat-99").get(f"/v1/offices/{case['office']}/events")

    assert (answer.status_code, answer.json()["code"]) == (404, "OFFICE_NOT_FOUND")


def test_an_office_answers_no_other_offices_case(town: Town, citizen: Person, case: Case) -> None:
    """An officer who names somebody else's office is refused, and nothing changes."""
    answer = town.officer("akimat-99").attempt(case["id"], "accept", office=case["office"])

    assert (answer.status_code, answer.json()["code"]) == (404, "OFFICE_NOT_FOUND")
    assert citizen.case(case["id"]) == case


def test_a_feed_counts_from_one_without_a_gap(
    town: Town, case: Case, eventually: Eventually
) -> None:
    """The sequences of a feed are 1, 2, 3 and so on to the end."""
    office = case["office"]
    eventually(lambda: town.told(office, case["id"]))

    sequences = [event["sequence"] for event in town.officer(office).feed(office)]

    assert sequences == list(range(1, len(sequences) + 1))


def test_a_stream_tells_the_same_as_the_pages(
    town: Town, case: Case, feeds: pb_grpc.FeedServiceStub, eventually: Eventually
) -> None:
    """An office that subscribes over gRPC gets the events of its pages, in their order."""
    office = case["office"]
    eventually(lambda: town.told(office, case["id"]))
    officer = town.officer(office)
    paged = [(one["sequence"], one["event_id"]) for one in officer.feed(office)]

    stream = subscribed(feeds, office, officer)
    streamed = [next(stream).event for _ in paged]
    stream.cancel()

    assert [(event.sequence, event.event_id) for event in streamed] == paged


def test_a_stream_is_told_what_comes_while_it_is_open(
    town: Town, words: Words, case: Case, feeds: pb_grpc.FeedServiceStub
) -> None:
    """Nobody has to ask again: a new case arrives by itself."""
    office, officer = case["office"], town.officer(case["office"])
    last = len(officer.feed(office))
    stream = subscribed(feeds, office, officer, after=last)
    stream.initial_metadata()

    fresh = town.citizen().submit(words.of("route"))["id"]
    arrived = next(one.event for one in stream if one.event.event.case_id == fresh)
    stream.cancel()

    assert arrived.type == "kz.qyzmet.case.routed.v1"


def test_a_stream_of_another_office_is_refused(
    town: Town, case: Case, feeds: pb_grpc.FeedServiceStub
) -> None:
    """The stream's door keeps to the same rule as the pages."""
    with pytest.raises(grpc.RpcError) as refused:
        next(subscribed(feeds, case["office"], town.officer("akimat-99")))

    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


def subscribed(
    feeds: pb_grpc.FeedServiceStub, office: str, officer: Person, *, after: int = 0
) -> Any:
    """Open a stream of an office's feed."""
    request = pb.SubscribeRequest(office=office, after_sequence=after)
    metadata = (("authorization", f"Bearer {officer.token}"),)
    return feeds.Subscribe(request, metadata=metadata, timeout=STREAM_SECONDS)

"""What the door of cases promises to those who call."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import is_receipt_number
from services.chassis import codec
from services.chassis.application import Platform
from services.chassis.emergency import Emergency
from services.chassis.errors import (
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    ServiceError,
    VersionConflictError,
)
from services.chassis.principal import Principal, Role
from tests.unit.cases.conftest import SERVICE, Client, cases_on

FIRE = Emergency("FIRE", "101", "Call 101.")
AIGUL = Principal("aigul", Role.CITIZEN)
BERIK = Principal("berik", Role.CITIZEN)
TRIAGE = Principal("dana", Role.TRIAGE_OFFICER)
MIA_OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
MJ_OFFICER = Principal("other", Role.OFFICER, offices=frozenset({"MJ"}))


def test_a_receipt_has_a_number_and_a_time(cases: Client) -> None:
    """The citizen gets a number with a good check digit, and the moment of acceptance."""
    case = cases.submit()

    assert is_receipt_number(case.number)
    assert case.state == pb.STATE_SUBMITTED
    assert case.submit_time.seconds > 0


def test_a_receipt_tells_whom_to_call_in_an_emergency(platform: Platform) -> None:
    """At once, as it asks no other service; and the request is accepted all the same."""
    recognising = replace(platform, recognise=lambda text: FIRE if "өрт" in text else None)
    with cases_on(recognising) as cases:
        burning, ordinary = cases.submit(text="өрт!"), cases.submit("k2", text="Паспорт")

    assert (burning.state, burning.emergency.number) == (pb.STATE_SUBMITTED, "101")
    assert not ordinary.HasField("emergency")


def test_an_emergency_is_told_again_to_who_repeats_the_request(platform: Platform) -> None:
    """Somebody in need may press the button twice."""
    with cases_on(replace(platform, recognise=lambda text: FIRE)) as cases:
        first = cases.submit()

        assert cases.submit() == first


def test_an_emergency_is_not_kept(platform: Platform) -> None:
    """It would tell of the words to those who may not read them."""
    with cases_on(replace(platform, recognise=lambda text: FIRE)) as cases:
        case = cases.submit()

        assert not cases.get(case.id).HasField("emergency")


def test_the_same_key_gets_the_first_answer(cases: Client) -> None:
    """A repeated submission is the same case, however far it has moved meanwhile."""
    first = cases.submit()
    cases.decide(first)

    assert cases.submit() == first


def test_the_same_key_with_other_words_is_refused(cases: Client) -> None:
    """A key that named one request cannot name another."""
    cases.submit()

    with pytest.raises(IdempotencyKeyReusedError):
        cases.submit(text="Другой вопрос")


def test_two_citizens_may_use_the_same_key(cases: Client) -> None:
    """A key is the caller's own."""
    first = cases.submit(principal=AIGUL)
    second = cases.submit(principal=BERIK)

    assert first.id != second.id


def test_fifty_submissions_at_once_with_one_key_are_one_case(cases: Client) -> None:
    """Repetitions that race with each other find each other."""
    gate = threading.Barrier(50)

    def submit(_: int) -> str:
        gate.wait()
        return cases.submit().id

    with ThreadPoolExecutor(50) as pool:
        ids = set(pool.map(submit, range(50)))

    assert len(ids) == 1


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.SubmitCaseRequest(request_id="k", text=""), "text"),
        (pb.SubmitCaseRequest(request_id="k", text="   "), "text"),
        (pb.SubmitCaseRequest(request_id="k", text="x" * 4001), "text"),
        (pb.SubmitCaseRequest(request_id="k", text="a\0b"), "text"),
        (pb.SubmitCaseRequest(request_id="", text="x"), "request_id"),
        (pb.SubmitCaseRequest(request_id="ключ", text="x"), "request_id"),
        (pb.SubmitCaseRequest(request_id="k", text="x", region="750"), "region"),
        (pb.SubmitCaseRequest(request_id="k", text="x", contact="c" * 255), "contact"),
        (pb.SubmitCaseRequest(request_id="k", text="x", contact="aigul@"), "contact"),
        (pb.SubmitCaseRequest(request_id="k", text="x", contact="a@x.kz, b@y.kz"), "contact"),
    ],
)
def test_what_is_not_valid_is_refused_by_field(
    cases: Client, request_: pb.SubmitCaseRequest, field: str
) -> None:
    """The caller learns which field to change."""
    with pytest.raises(InvalidError) as refusal:
        cases.call("SubmitCase", request_)

    assert refusal.value.field == field


def test_a_refused_submission_leaves_no_case(cases: Client) -> None:
    """What was refused is not there afterwards."""
    with pytest.raises(InvalidError):
        cases.submit(text="")

    listed = cases.call("ListCases", pb.ListCasesRequest(), TRIAGE)
    assert list(listed.cases) == []


def test_a_citizen_sees_their_own_case_only(cases: Client) -> None:
    """Another citizen's case does not exist, rather than being forbidden."""
    case = cases.submit(principal=AIGUL)

    assert cases.get(case.id, AIGUL).id == case.id
    for stranger in (BERIK, None):
        with pytest.raises(NotFoundError):
            cases.get(case.id, stranger)


def test_an_office_sees_what_it_holds_only(cases: Client) -> None:
    """An office sees a case from the moment it is routed there, and no other office does."""
    case = cases.submit()
    with pytest.raises(NotFoundError):
        cases.get(case.id, MIA_OFFICER)

    cases.decide(case)

    assert cases.get(case.id, MIA_OFFICER).office == "MIA"
    with pytest.raises(NotFoundError):
        cases.get(case.id, MJ_OFFICER)


def test_access_ends_when_a_case_leaves_an_office(cases: Client) -> None:
    """An office that returned a case cannot read it any more."""
    case = cases.submit()
    cases.decide(case)

    cases.answer(case, pb.RESPONSE_KIND_RETURN, reason_code="NOT_COMPETENT")

    with pytest.raises(NotFoundError):
        cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), MIA_OFFICER)


def test_the_holder_reads_the_words_as_they_were_written(cases: Client) -> None:
    """The office that holds a case gets the citizen's own words."""
    case = cases.submit(text="Мой ИИН 900101300122, помогите", contact="a@b.kz")
    cases.decide(case)

    read = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), MIA_OFFICER)

    assert read.text == "Мой ИИН 900101300122, помогите"


def test_where_a_citizen_wants_answers_is_told_to_no_officer(cases: Client) -> None:
    """It is for notices alone; only who left it sees it, and the portal it came through."""
    citizen = Principal("aigul", Role.CITIZEN)
    case = cases.submit(principal=citizen, contact="a@b.kz")
    cases.decide(case)
    request = pb.GetCaseTextRequest(case_id=case.id)

    assert cases.call("GetCaseText", request, MIA_OFFICER).contact == ""
    assert cases.call("GetCaseText", request, citizen).contact == "a@b.kz"


def test_sorters_get_masked_words(cases: Client) -> None:
    """Who sorts cases sees marks where personal data stood."""
    case = cases.submit(text="пишите на a@b.kz или +7 701 123 45 67")
    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id, "unknown"])

    found = cases.call("BatchGetMaskedText", request, SERVICE).texts

    assert [one.text for one in found] == ["пишите на [EMAIL] или [PHONE]"]


def test_words_are_on_disk_only_encrypted(cases: Client, platform: Platform) -> None:
    """No file of the installation holds the citizen's words."""
    words = "канарейка-в-шахте"
    cases.submit(text=words, contact="kanareika@mine.kz")

    files = [path for path in platform.settings.data_dir.rglob("*") if path.is_file()]
    for needle in (words.encode(), b"kanareika", words.encode("utf-16-le")):
        assert [path for path in files if needle in path.read_bytes()] == []
    assert len(files) > 3


def test_the_timeline_tells_each_step(cases: Client) -> None:
    """A case says what happened to it, in order, by whom and why."""
    case = cases.submit()
    cases.decide(case, reason_code="CONFIDENT")
    cases.answer(case, pb.RESPONSE_KIND_ACCEPT, "a1")
    cases.answer(case, pb.RESPONSE_KIND_COMPLETE, "a2", reason_code="GRANTED")

    timeline = cases.get(case.id).timeline

    assert [entry.type for entry in timeline] == ["submitted", "routed", "accepted", "completed"]
    assert [entry.case_version for entry in timeline] == [1, 2, 3, 4]
    assert [entry.reason_code for entry in timeline] == ["", "CONFIDENT", "", "GRANTED"]


def test_a_decision_for_an_older_version_is_not_recorded(cases: Client) -> None:
    """Who decides upon something old learns that it changed."""
    case = cases.submit()
    cases.decide(case)

    late = cases.decide(case, "another", service_id="legal.alimony", office="SC")

    assert late.status == pb.RECORD_STATUS_VERSION_CONFLICT
    assert late.case.office == "MIA"


def test_a_repeated_decision_is_recorded_once(cases: Client) -> None:
    """The same request id finds what stands already."""
    case = cases.submit()
    cases.decide(case)

    again = cases.decide(case)

    assert again.status == pb.RECORD_STATUS_REPEATED
    assert len(cases.get(case.id).timeline) == 2


def test_in_a_batch_each_decision_stands_by_itself(cases: Client) -> None:
    """One bad decision does not hold up the others."""
    good, bad = cases.submit("k1"), cases.submit("k2")
    decision = pb.Decision(outcome=pb.OUTCOME_TRIAGE, actor=pb.ACTOR_KIND_MODEL)
    wanted = [
        pb.CaseDecision(case_id=id_, expected_version=version, request_id="d", decision=decision)
        for id_, version in [(good.id, 1), (bad.id, 7), ("unknown", 1)]
    ]

    answer = cases.call("RecordDecisions", pb.RecordDecisionsRequest(decisions=wanted), SERVICE)

    assert [result.status for result in answer.results] == [
        pb.RECORD_STATUS_RECORDED,
        pb.RECORD_STATUS_VERSION_CONFLICT,
        pb.RECORD_STATUS_NOT_FOUND,
    ]


def refusal_of(call: Callable[[], object]) -> tuple[type[ServiceError], str, str]:
    with pytest.raises(ServiceError) as refusal:
        call()
    return type(refusal.value), refusal.value.reason, refusal.value.message


@pytest.mark.parametrize(
    "more", [{}, {"expected_version": 1}, {"expected_version": 2}, {"request_id": "d1"}]
)
def test_who_does_not_hold_a_case_learns_nothing_of_it(cases: Client, more: dict[str, Any]) -> None:
    """A foreign case is answered as one that does not exist, whatever is guessed of it."""
    foreign = cases.submit()
    cases.decide(foreign)

    def told_of(case: pb.Case) -> tuple[type[ServiceError], str, str]:
        return refusal_of(lambda: cases.answer(case, pb.RESPONSE_KIND_ACCEPT, office="MJ", **more))

    assert told_of(foreign) == told_of(pb.Case(id="unknown"))
    assert told_of(foreign)[:2] == (NotFoundError, "CASE_NOT_FOUND")


@pytest.mark.parametrize("kind", [pb.RESPONSE_KIND_ACCEPT, pb.RESPONSE_KIND_RETURN])
def test_a_repeated_answer_gets_the_case(cases: Client, kind: int) -> None:
    """Also where the answer was that the case is not the office's."""
    case = cases.submit()
    cases.decide(case)
    first = cases.answer(case, kind, reason_code="NOT_COMPETENT")

    assert cases.answer(case, kind, reason_code="NOT_COMPETENT") == first


def test_an_office_that_returned_a_case_has_nothing_more_to_say(cases: Client) -> None:
    """From then on the case does not exist for it."""
    case = cases.submit()
    cases.decide(case)
    cases.answer(case, pb.RESPONSE_KIND_RETURN, "a1", reason_code="NOT_COMPETENT")

    with pytest.raises(NotFoundError):
        cases.answer(case, pb.RESPONSE_KIND_ACCEPT, "a2")


def test_a_withdrawn_case_stays_withdrawn(cases: Client) -> None:
    """A citizen's withdrawal ends the case; a late decision does not wake it."""
    case = cases.submit()
    request = pb.WithdrawCaseRequest(case_id=case.id, request_id="w1")
    ended = cases.call("WithdrawCase", request).case

    late = cases.decide(ended)

    assert ended.state == pb.STATE_WITHDRAWN
    assert late.status == pb.RECORD_STATUS_STATE_CONFLICT


def test_a_withdrawal_of_an_older_version_is_refused(cases: Client) -> None:
    """If-Match: what changed since is not overwritten."""
    case = cases.submit()
    cases.decide(case)
    request = pb.WithdrawCaseRequest(case_id=case.id, request_id="w1", expected_version=1)

    with pytest.raises(VersionConflictError):
        cases.call("WithdrawCase", request)


def test_pages_hold_every_case_once_newest_first(cases: Client) -> None:
    """A reader who follows the tokens sees everything, in one order."""
    made = [cases.submit(f"k{n}", principal=AIGUL).id for n in range(7)]

    seen: list[str] = []
    token = ""
    while True:
        request = pb.ListCasesRequest(page_size=3, page_token=token)
        page = cases.call("ListCases", request, AIGUL)
        seen += [case.id for case in page.cases]
        if not (token := page.next_page_token):
            break

    assert seen == made[::-1]


@pytest.mark.parametrize("token", ["x", "%%%", "a" * 1000, "ключ"])
def test_a_foreign_page_token_is_refused(cases: Client, token: str) -> None:
    """Only our own tokens are read."""
    with pytest.raises(InvalidError) as refusal:
        cases.call("ListCases", pb.ListCasesRequest(page_token=token), AIGUL)

    assert refusal.value.field == "page_token"


def test_nobody_lists_the_cases_of_the_anonymous(cases: Client) -> None:
    """A case without an owner is reached by its id alone."""
    cases.submit()

    assert list(cases.call("ListCases", pb.ListCasesRequest()).cases) == []


def test_a_citizen_may_not_record_decisions(cases: Client) -> None:
    """Only routing decides."""
    with pytest.raises(ForbiddenError):
        cases.call("RecordDecisions", pb.RecordDecisionsRequest(), AIGUL)


def test_a_broken_token_is_refused(cases: Client) -> None:
    """A token that is not ours names nobody, not even an anonymous citizen."""
    request = pb.GetCaseRequest(case_id="x")
    metadata = (("authorization", "Bearer a.b.c"),)

    with pytest.raises(Exception, match="UNAUTHENTICATED") as refusal:
        cases.stub.GetCase(request, metadata=metadata, timeout=5)

    assert not isinstance(refusal.value, ServiceError)


def test_every_step_is_published_once_and_in_order(
    cases: Client, platform: Platform, eventually: Callable[..., None]
) -> None:
    """The bus holds each step of a case, in the order of its versions, and no words."""
    case = cases.submit(text="тайна")
    cases.decide(case)
    cases.answer(case, pb.RESPONSE_KIND_ACCEPT)

    eventually(lambda: len(list(platform.bus.history("qyzmet.cases.v1"))) == 3)

    records = list(platform.bus.history("qyzmet.cases.v1"))
    events = [codec.decode(record.value or b"", pb.CaseEvent) for record in records]
    assert [event.case_version for event in events] == [1, 2, 3]
    assert [codec.from_record(record)[0].name for record in records] == [
        "case.submitted",
        "case.routed",
        "case.accepted",
    ]
    assert all("тайна" not in (record.value or b"").decode() for record in records)


def test_one_key_for_two_verbs_is_two_requests(cases: Client) -> None:
    """A completion under the key of the acceptance is not taken for its repetition."""
    case = cases.submit()
    cases.decide(case, "same")

    cases.answer(case, pb.RESPONSE_KIND_ACCEPT, "same")
    completed = cases.answer(case, pb.RESPONSE_KIND_COMPLETE, "same")

    assert completed.state == pb.STATE_COMPLETED


def test_an_event_belongs_to_the_trace_of_the_call_that_caused_it(
    cases: Client, platform: Platform, eventually: Callable[..., None]
) -> None:
    """From the portal's call to the bus, one trace."""
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    metadata = (("traceparent", f"00-{trace_id}-00f067aa0ba902b7-01"),)
    request = pb.SubmitCaseRequest(request_id="k", text="Жер кезегі")

    cases.stub.SubmitCase(request, metadata=metadata, timeout=5)

    eventually(lambda: len(list(platform.bus.history("qyzmet.cases.v1"))) == 1)
    (record,) = platform.bus.history("qyzmet.cases.v1")
    assert codec.from_record(record)[0].traceparent.split("-")[1] == trace_id


def test_a_contact_is_told_without_the_words_and_recorded(cases: Client) -> None:
    """Who tells citizens learns where, and nothing of what they wrote; people learn nothing."""
    case = cases.submit(contact="aigul@example.kz")
    request = pb.GetContactRequest(case_id=case.id)

    told = cases.call("GetContact", request, SERVICE)

    assert set(pb.GetContactResponse.DESCRIPTOR.fields_by_name) == {"contact"}
    assert told.contact == "aigul@example.kz"
    with pytest.raises(ForbiddenError):
        cases.call("GetContact", request, Principal("o", Role.OFFICER, offices=frozenset({"MIA"})))

"""What an office asks and a citizen answers: words that stay where the citizen's own are."""

from pathlib import Path
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import domain
from services.cases.domain import Answer, Case, Words
from services.cases.ports import Change, Result, Status
from services.chassis.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
from services.chassis.principal import Principal, Role
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import SERVICE, Client

AIGUL = Principal("aigul", Role.CITIZEN)
BERIK = Principal("berik", Role.CITIZEN)
MIA_OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
SORTER = Principal("sorter", Role.TRIAGE_OFFICER)
QUESTION = "Туу туралы куәлік қай жылы берілген?"


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Give a case of Aigul's that MIA accepted."""
    case = cases.submit(principal=AIGUL)
    cases.decide(case)
    return cases.answer(case, pb.RESPONSE_KIND_ACCEPT)


def ask(cases: Client, case: pb.Case, text: str = QUESTION, **more: Any) -> pb.Case:
    values = {"request_id": "q1", "reason_code": "DOCUMENT_MISSING", "text": text} | more
    return cases.answer(case, pb.RESPONSE_KIND_ASK, **values)


def provide(cases: Client, case: pb.Case, text: str = "2019", **more: Any) -> pb.Case:
    who = more.pop("principal", AIGUL)
    values = {"request_id": "p1"} | more
    request = pb.ProvideInformationRequest(case_id=case.id, text=text, **values)
    return cases.call("ProvideInformation", request, who).case


def test_a_question_and_its_answer_are_read_with_the_words(cases: Client, case: pb.Case) -> None:
    """Citizen and office read the same: who said what, when, and about what."""
    ask(cases, case)
    provide(cases, case)

    for reader in (AIGUL, MIA_OFFICER):
        said = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), reader).messages
        assert [(one.type, one.text, one.reason_code, one.case_version) for one in said] == [
            ("information-requested", QUESTION, "DOCUMENT_MISSING", 4),
            ("information-provided", "2019", "", 5),
        ]
        assert [one.actor for one in said] == [pb.ACTOR_KIND_OFFICER, pb.ACTOR_KIND_CITIZEN]


def test_what_came_of_a_case_is_told_in_words(cases: Client, case: pb.Case) -> None:
    """Why it was refused lies with the words, for the citizen and for the office that said it."""
    why = "Құжаттың мерзімі өткен."
    cases.answer(case, pb.RESPONSE_KIND_COMPLETE, "c1", reason_code="REFUSED", text=why)

    for reader in (AIGUL, MIA_OFFICER):
        (said,) = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), reader).messages
        assert (said.type, said.text, said.reason_code) == ("completed", why, "REFUSED")
        assert (said.actor, said.office) == (pb.ACTOR_KIND_OFFICER, "MIA")


def test_an_end_needs_no_words(cases: Client, case: pb.Case) -> None:
    """What was granted speaks for itself."""
    cases.answer(case, pb.RESPONSE_KIND_COMPLETE, "c1", reason_code="GRANTED")

    text = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), AIGUL)
    assert list(text.messages) == []


def test_an_end_with_other_words_is_another_end(cases: Client, case: pb.Case) -> None:
    """A name that was used for something else is refused, as of a question."""
    ended = {"reason_code": "REFUSED", "request_id": "c1"}
    cases.answer(case, pb.RESPONSE_KIND_COMPLETE, text="Жоқ.", **ended)

    with pytest.raises(IdempotencyKeyReusedError):
        cases.answer(case, pb.RESPONSE_KIND_COMPLETE, text="Иә.", **ended)


def test_an_answered_case_is_back_with_its_office(cases: Client, case: pb.Case) -> None:
    """It waits for its citizen, and then stands where it stood."""
    assert ask(cases, case).state == pb.STATE_INFORMATION_REQUESTED
    assert provide(cases, case).state == pb.STATE_ACCEPTED


def test_only_its_citizen_answers(cases: Client, case: pb.Case) -> None:
    """To another citizen there is no such case."""
    ask(cases, case)

    with pytest.raises(NotFoundError):
        provide(cases, case, principal=BERIK)


def test_what_was_not_asked_is_not_answered(cases: Client, case: pb.Case) -> None:
    """The state does not allow it, and nothing is kept."""
    with pytest.raises(ConflictError):
        provide(cases, case)

    said = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), AIGUL).messages
    assert list(said) == []


def test_a_repeated_answer_is_one(cases: Client, case: pb.Case) -> None:
    """Also when the case has moved on meanwhile."""
    ask(cases, case)
    provide(cases, case)
    after = ask(cases, case, "Ал нөмірі?", request_id="q2")

    assert provide(cases, case, expected_version=4) == after


def test_a_name_that_said_something_cannot_say_something_else(cases: Client, case: pb.Case) -> None:
    """Neither a question nor an answer is silently replaced or dropped."""
    ask(cases, case)
    with pytest.raises(IdempotencyKeyReusedError):
        ask(cases, case, "Басқа сұрақ")
    provide(cases, case)

    with pytest.raises(IdempotencyKeyReusedError):
        provide(cases, case, "2020")


def test_a_question_about_something_old_is_refused(cases: Client, case: pb.Case) -> None:
    """The office learns that the case changed."""
    with pytest.raises(VersionConflictError):
        ask(cases, case, expected_version=1)


@pytest.mark.parametrize("text", ["", "x" * 4001, "a\0b"])
def test_a_question_is_held_to_the_rules_of_words(cases: Client, case: pb.Case, text: str) -> None:
    """The same length and the same signs as a citizen's."""
    with pytest.raises(Exception, match="text"):
        ask(cases, case, text)


def test_neither_events_nor_files_hold_what_was_said(
    cases: Client, case: pb.Case, tmp_path: Path
) -> None:
    """It is on disk only encrypted, and travels nowhere."""
    ask(cases, case, "канарейка-сұрақ")
    provide(cases, case, "канарейка-жауап")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    needle = "канарейка".encode()
    assert [path for path in files if needle in path.read_bytes()] == []
    assert len(files) > 3


def masked_messages(cases: Client, case: pb.Case, who: Principal = SORTER) -> list[pb.CaseMessage]:
    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id], include_messages=True)
    return list(cases.call("BatchGetMaskedText", request, who).texts[0].messages)


def test_who_chooses_reads_why_a_citizen_objects(cases: Client, case: pb.Case) -> None:
    """The words reach who decides, with the question and answer before, without personal data."""
    ask(cases, case)
    provide(cases, case, "ИИН 900101300017")
    objection = pb.ObjectToDecisionRequest(
        case_id=case.id, request_id="o1", text="Бұл басқа қызмет: тел. +7 701 123 45 67"
    )
    cases.call("ObjectToDecision", objection, AIGUL)

    said = masked_messages(cases, case)

    assert [(one.type, one.case_version) for one in said] == [
        ("information-requested", 4),
        ("information-provided", 5),
        ("objected", 6),
    ]
    assert said[0].text == QUESTION
    assert said[1].text == "ИИН [IIN]"
    assert said[2].text.startswith("Бұл басқа қызмет")
    assert "123" not in said[2].text


def test_who_sorts_reads_no_messages_of_what_an_office_holds(cases: Client) -> None:
    """Also not where they chose the office: from then on the words are the office's."""
    case = cases.submit(principal=AIGUL)
    cases.decide(case, actor=pb.ACTOR_KIND_TRIAGE_OFFICER)
    ask(cases, case)

    assert masked_messages(cases, case) == []


def test_messages_are_told_only_where_they_are_asked_for(cases: Client) -> None:
    """The model sorts by the request alone, as its decision is bound to it."""
    case = objected(cases)
    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id])

    (masked,) = cases.call("BatchGetMaskedText", request, SERVICE).texts

    assert not masked.messages
    assert masked_messages(cases, case)


def objected(cases: Client) -> pb.Case:
    case = cases.submit(principal=AIGUL)
    cases.decide(case)
    objection = pb.ObjectToDecisionRequest(case_id=case.id, request_id="o1", text="Басқа қызмет")
    return cases.call("ObjectToDecision", objection, AIGUL).case


def said_on(cabinet: Cabinet, case: Case, request_id: str = "q1", version: int = 0) -> Result:
    change = Change(
        case.id,
        version,
        request_id,
        lambda current: domain.answer(
            current,
            Answer.ASK,
            office="MIA",
            reason_code="WHICH",
            request_id=request_id,
            now=cabinet.clock(),
        ),
        words=Words(text=QUESTION),
    )
    return cabinet.store.apply([change])[0]


def test_an_erased_case_is_asked_nothing_more(cabinet: Cabinet) -> None:
    """Where the key is destroyed, new words would be lost at once, and the old ones are gone."""
    case = cabinet.add()
    cabinet.decide(case)
    said_on(cabinet, case)

    cabinet.store.keys.forget(case.id)

    refused = said_on(cabinet, case, "q2")
    assert (refused.status, refused.reason) == (Status.STATE_CONFLICT, "WORDS_ERASED")
    assert cabinet.store.messages(case.id) == []


def test_what_was_said_is_kept_or_not_with_its_step(cabinet: Cabinet) -> None:
    """A refused question leaves no words behind."""
    case = cabinet.add()
    cabinet.decide(case)

    refused = said_on(cabinet, case, version=1)

    assert refused.status is Status.VERSION_CONFLICT
    assert cabinet.store.messages(case.id) == []


def test_a_wish_goes_with_the_first_words(cases: Client) -> None:
    """Whoever may read the words reads it beside them, as said when the request came."""
    case = cases.submit(principal=AIGUL, wish="Мне нужна очередь на жильё")

    read = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), AIGUL)
    assert [(one.type, one.text, one.case_version) for one in read.messages] == [
        ("submitted", "Мне нужна очередь на жильё", 1)
    ]


def test_a_wish_is_erased_with_the_words(cabinet: Cabinet) -> None:
    """Under the same key."""
    case = cabinet.add(wish=Words(text="Мне нужна очередь на жильё"))
    assert len(cabinet.store.messages(case.id)) == 1

    cabinet.store.keys.forget(case.id)

    assert cabinet.store.messages(case.id) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"wish": "Другое"}),
        ({}, {"ask_person": True}),
        ({}, {"service_id": "housing.queue"}),
        ({"service_id": "identity.passport"}, {"service_id": "housing.queue"}),
    ],
)
def test_another_wish_under_the_same_key_is_refused(
    cases: Client, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """As other words are: what was said second would be dropped in silence."""
    cases.submit(principal=AIGUL, **first)

    with pytest.raises(IdempotencyKeyReusedError):
        cases.submit(principal=AIGUL, **second)


def test_the_story_tells_who_asked_for_a_person(cases: Client) -> None:
    """From its first step on, in words too."""
    case = cases.submit(principal=AIGUL, ask_person=True)

    first = cases.get(case.id, AIGUL).timeline[0]
    assert (first.type, first.reason_code) == ("submitted", "ASKED_FOR_PERSON")
    assert first.reason.en == "You asked for a person to decide."


def test_a_choice_is_told_to_who_sorts(cases: Client) -> None:
    """As a code; it decides nothing by itself."""
    case = cases.submit(principal=AIGUL, service_id="housing.queue")

    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id])
    (told,) = cases.call("BatchGetMaskedText", request, SERVICE).texts
    assert told.chosen_service_id == "housing.queue"
    assert (case.state, case.service_id) == (pb.STATE_SUBMITTED, "")


@pytest.mark.parametrize(
    "more", [{"service_id": "no id"}, {"service_id": "housing.queue", "ask_person": True}]
)
def test_a_choice_that_says_nothing_is_refused(cases: Client, more: dict[str, Any]) -> None:
    """What is no id, and a service beside the wish that a person choose one."""
    with pytest.raises(InvalidError) as refusal:
        cases.submit(principal=AIGUL, **more)

    assert refusal.value.field == "service_id"


def test_a_choice_that_went_with_a_case_is_its_citizen_s(cases: Client) -> None:
    """Who brings it was not told whose it is; the record names them as it names their others."""
    case = cases.submit(principal=AIGUL, service_id="identity.passport")

    decided = cases.decide(case, actor=pb.ACTOR_KIND_CITIZEN, subject="").case.decision

    assert len(decided.subject) == 32

"""Parts that belong elsewhere: a case of its own for each, linked both ways."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import domain
from services.cases.domain import Actor, Suggestion, UnknownCaseError, is_receipt_number
from services.chassis import codec
from services.chassis.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
from services.chassis.principal import Principal, Role
from tests.unit.cases.conftest import SERVICE, Client
from tests.unit.cases.test_domain import HELD, LATER

AIGUL = Principal("aigul", Role.CITIZEN)
TRIAGE = Principal("dana", Role.TRIAGE_OFFICER)
MIA_OFFICER = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))
MJ_OFFICER = Principal("other", Role.OFFICER, offices=frozenset({"MJ"}))
Eventually = Callable[[Callable[[], object]], None]
PART = "Зейнетақым қашан есептеледі? Хат: a@b.kz"


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Give a case of Aigul's that MIA holds."""
    case = cases.submit(principal=AIGUL, region="75", language=1, contact="aigul@mail.kz")
    return cases.decide(case).case


def split(
    cases: Client, case: pb.Case, principal: Principal = MIA_OFFICER, **more: Any
) -> pb.SplitCaseResponse:
    values = {"request_id": "s1", "office": "MIA", "text": PART} | more
    return cases.call("SplitCase", pb.SplitCaseRequest(case_id=case.id, **values), principal)


def test_a_part_is_a_case_of_its_own(cases: Client, case: pb.Case) -> None:
    """Of the same citizen, portal, region and language, with a number of its own, undecided."""
    child = split(cases, case).child

    assert is_receipt_number(child.number)
    assert child.number != case.number
    assert (child.state, child.version, child.office) == (pb.STATE_SUBMITTED, 1, "")
    assert (child.region, child.language, child.portal) == ("75", 1, case.portal)


def test_both_cases_are_linked(cases: Client, case: pb.Case) -> None:
    """And the citizen is told on both, in words."""
    answer = split(cases, case)
    parent, child = cases.get(case.id, AIGUL), cases.get(answer.child.id, AIGUL)

    assert (list(parent.child_ids), child.parent_id) == ([child.id], parent.id)
    assert parent.timeline[-1].child_id == child.id
    assert (parent.timeline[-1].type, parent.state) == ("split", pb.STATE_ROUTED)
    assert parent.timeline[-1].reason.kk
    assert child.timeline[0].reason.kk


def test_a_part_has_the_words_it_was_given(cases: Client, case: pb.Case) -> None:
    """With the citizen's contact, and nothing of the rest."""
    child = split(cases, case).child

    read = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=child.id), AIGUL)

    assert (read.text, read.contact, list(read.messages)) == (PART, "aigul@mail.kz", [])


def test_whoever_split_a_part_off_does_not_see_it(cases: Client, case: pb.Case) -> None:
    """The office said that it is not its own; the words are for whoever gets it."""
    child = split(cases, case).child

    with pytest.raises(NotFoundError):
        cases.get(child.id, MIA_OFFICER)


def test_a_part_is_sorted_like_a_new_case(cases: Client, case: pb.Case) -> None:
    """Masked, with the suggestion, and never back to the office that split it off."""
    child = split(cases, case, suggested_office="MTSZN").child

    request = pb.BatchGetMaskedTextRequest(case_ids=[child.id])
    (masked,) = cases.call("BatchGetMaskedText", request, SERVICE).texts

    assert masked.text.endswith("[EMAIL]")
    assert (masked.suggested_office, list(masked.returned_by)) == ("MTSZN", ["MIA"])


def test_a_part_is_told_as_a_submission(
    cases: Client, case: pb.Case, eventually: Eventually
) -> None:
    """Its own story begins, beside that of the case it came from."""
    child = split(cases, case).child

    def told() -> list[tuple[str, str, str]]:
        found = [codec.from_record(one) for one in cases.platform.bus.history("qyzmet.cases.v1")]
        events = [(event, codec.decode(data, pb.CaseEvent)) for event, data in found]
        return [(event.name, one.parent_id, one.child_id) for event, one in events]

    eventually(lambda: len(told()) == 4)
    assert ("case.submitted", case.id, "") in told()
    assert ("case.split", "", child.id) in told()


def test_a_repeated_split_is_one(cases: Client, case: pb.Case) -> None:
    """The same name gets the first answer, and nothing of how the part fares at another office."""
    first = split(cases, case)
    cases.decide(first.child, "d9", office="MTSZN")

    assert split(cases, case, expected_version=2) == first


def test_who_split_a_case_and_lost_it_may_repeat_that(cases: Client, case: pb.Case) -> None:
    """It gets the first answer; a new split of what it holds no more is refused."""
    first = split(cases, case)
    cases.answer(case, pb.RESPONSE_KIND_RETURN, reason_code="NOT_COMPETENT")

    assert split(cases, case) == first
    with pytest.raises(NotFoundError):
        split(cases, case, request_id="s2")


def test_a_name_cannot_split_something_else_off(cases: Client, case: pb.Case) -> None:
    """Other words under the same name are refused, and leave no case."""
    split(cases, case)

    with pytest.raises(IdempotencyKeyReusedError):
        split(cases, case, text="Басқа бөлік")

    assert len(cases.call("ListCases", pb.ListCasesRequest(), AIGUL).cases) == 2


@pytest.mark.parametrize(
    ("who", "more", "error"),
    [
        (MJ_OFFICER, {}, NotFoundError),
        (MJ_OFFICER, {"office": "MJ"}, NotFoundError),
        (MIA_OFFICER, {"office": ""}, NotFoundError),
        (TRIAGE, {}, ForbiddenError),
        (TRIAGE, {"office": ""}, NotFoundError),
        (MIA_OFFICER, {"expected_version": 1}, VersionConflictError),
        (MIA_OFFICER, {"text": " "}, InvalidError),
        (MIA_OFFICER, {"suggested_office": "a b"}, InvalidError),
        (AIGUL, {}, ForbiddenError),
    ],
)
def test_a_split_that_is_refused_leaves_nothing(
    cases: Client, case: pb.Case, who: Principal, more: dict[str, Any], error: type[Exception]
) -> None:
    """Whoever may not, or says it wrongly, makes no case."""
    with pytest.raises(error):
        split(cases, case, who, **more)

    assert len(cases.call("ListCases", pb.ListCasesRequest(), AIGUL).cases) == 1


def test_a_triage_officer_splits_what_lies_with_triage(cases: Client) -> None:
    """And may send both parts wherever they belong."""
    case = cases.submit(principal=AIGUL)
    cases.decide(case, outcome=pb.OUTCOME_TRIAGE, office="", service_id="")

    answer = split(cases, case, TRIAGE, office="")

    assert list(answer.child.returned_by) == []
    assert cases.get(answer.child.id, TRIAGE).timeline[0].actor == pb.ACTOR_KIND_TRIAGE_OFFICER


def test_the_words_of_a_part_are_on_disk_only_encrypted(
    cases: Client, case: pb.Case, tmp_path: Path
) -> None:
    """As those of every case."""
    split(cases, case, text="канарейка-бөлік")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if "канарейка".encode() in path.read_bytes()] == []


def test_a_case_is_not_split_for_ever() -> None:
    """Twenty parts are enough for any request."""
    full = replace(HELD, child_ids=tuple(map(str, range(20))))

    with pytest.raises(ConflictError):
        domain.split(full, office="MIA", child_id="c9", request_id="r", now=LATER)


def test_only_the_holder_splits() -> None:
    """Another office is told that there is no such case."""
    with pytest.raises(UnknownCaseError):
        domain.split(HELD, office="MJ", child_id="c9", request_id="r", now=LATER)


def test_a_part_begins_at_the_moment_of_the_split() -> None:
    """Its terms count from there."""
    parent, step = domain.split(HELD, office="MIA", child_id="c9", request_id="r", now=LATER)

    child, begun = domain.begin_part(parent, step, "QZ-26-0000043-2", Suggestion())

    assert child.submit_time == begun.event_time == LATER
    assert (begun.actor, begun.case_version, child.owner) == (Actor.OFFICER, 1, "aigul")

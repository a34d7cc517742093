"""Who sees which case, by every way of asking, and who sees who looked."""

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import ForbiddenError, InvalidError, NotFoundError
from services.chassis.principal import Principal, Role
from tests.unit.cases.conftest import SERVICE, Client

AIGUL = Principal("aigul", Role.CITIZEN)
BERIK = Principal("berik", Role.CITIZEN)
ALMATY = Principal("almaty", Role.OFFICER, offices=frozenset({"akimat-75"}))
KYZYLORDA = Principal("kyzylorda", Role.OFFICER, offices=frozenset({"akimat-43"}))
BOTH = Principal("both", Role.OFFICER, offices=frozenset({"akimat-75", "akimat-43"}))
TRIAGE = Principal("dana", Role.TRIAGE_OFFICER)
AUDITOR = Principal("auditor", Role.ADMINISTRATOR)


def listed(cases: Client, who: Principal | None, **wanted: object) -> list[str]:
    return [case.id for case in cases.call("ListCases", pb.ListCasesRequest(**wanted), who).cases]


@pytest.fixture
def case(cases: Client) -> pb.Case:
    """Let Almaty's akimat hold a case of Aigul's."""
    submitted = cases.submit(principal=AIGUL)
    return cases.decide(submitted, office="akimat-75").case


def readings(cases: Client, **wanted: object) -> list[pb.Reading]:
    request = pb.ListReadingsRequest(**wanted)
    return list(cases.call("ListReadings", request, AUDITOR).readings)


def read_words(cases: Client, case: pb.Case, who: Principal) -> str:
    text: str = cases.call("GetCaseText", pb.GetCaseTextRequest(case_id=case.id), who).text
    return text


def test_an_office_is_an_agency_and_a_region(cases: Client, case: pb.Case) -> None:
    """Almaty's akimat sees its case, Kyzylorda's does not know of it."""
    assert listed(cases, ALMATY) == [case.id]
    assert listed(cases, KYZYLORDA) == []
    with pytest.raises(NotFoundError):
        cases.get(case.id, KYZYLORDA)


def test_an_officer_of_two_offices_sees_both_offices_cases(cases: Client, case: pb.Case) -> None:
    """And may ask for one of them."""
    other = cases.submit("k2", principal=BERIK)
    cases.decide(other, office="akimat-43")

    assert listed(cases, BOTH) == [other.id, case.id]
    assert listed(cases, BOTH, office="akimat-43") == [other.id]


def test_asking_for_another_office_shows_nothing(cases: Client, case: pb.Case) -> None:
    """A filter narrows what somebody sees; it never widens it."""
    assert listed(cases, KYZYLORDA, office="akimat-75") == []


def test_a_case_is_found_by_the_number_on_its_receipt(cases: Client, case: pb.Case) -> None:
    """By its citizen, by its office, and in any case of letters."""
    for who in (AIGUL, ALMATY, AUDITOR):
        assert listed(cases, who, number=case.number) == [case.id]
        assert listed(cases, who, number=f" {case.number.lower()} ") == [case.id]


@pytest.mark.parametrize("who", [BERIK, KYZYLORDA, TRIAGE, None])
def test_a_guessed_number_shows_nothing(
    cases: Client, case: pb.Case, who: Principal | None
) -> None:
    """Numbers can be guessed; what somebody may not see is not found by them either."""
    assert listed(cases, who, number=case.number) == []


def test_a_number_with_a_slip_of_the_pen_is_told(cases: Client) -> None:
    """Its check digit tells a wrong number from a case that is not there."""
    with pytest.raises(InvalidError) as refusal:
        listed(cases, AIGUL, number="QZ-26-0000001-0")

    assert refusal.value.field == "number"


def test_another_officers_page_token_shows_nothing_more(cases: Client, case: pb.Case) -> None:
    """A token says where to go on, not what may be seen."""
    cases.decide(cases.submit("k2", principal=AIGUL), office="akimat-75")
    request = pb.ListCasesRequest(page_size=1)
    token = cases.call("ListCases", request, ALMATY).next_page_token

    assert listed(cases, ALMATY, page_token=token) == [case.id]
    assert listed(cases, KYZYLORDA, page_token=token) == []


def test_a_triage_officer_sees_what_waits_for_a_choice(cases: Client, case: pb.Case) -> None:
    """By list, by state and by id; what an office holds is no concern of theirs."""
    waiting = cases.submit("k2", principal=BERIK)
    cases.decide(waiting, outcome=pb.OUTCOME_TRIAGE, office="")

    assert listed(cases, TRIAGE) == [waiting.id]
    assert listed(cases, TRIAGE, state=pb.STATE_TRIAGED) == [waiting.id]
    assert cases.get(waiting.id, TRIAGE).state == pb.STATE_TRIAGED
    with pytest.raises(NotFoundError):
        cases.get(case.id, TRIAGE)


def test_a_triage_officer_still_sees_what_was_chosen(cases: Client) -> None:
    """The list is of what waits; by its id the case can be followed to where it was sent."""
    waiting = cases.submit(principal=BERIK)
    cases.decide(waiting, actor=pb.ACTOR_KIND_TRIAGE_OFFICER)

    assert listed(cases, TRIAGE) == []
    assert cases.get(waiting.id, TRIAGE).office == "MIA"


def test_masked_words_are_for_who_sees_the_case(cases: Client, case: pb.Case) -> None:
    """A triage officer gets those of what waits, whatever ids they guess."""
    waiting = cases.submit("k2", principal=BERIK)
    request = pb.BatchGetMaskedTextRequest(case_ids=[case.id, waiting.id])

    assert [one.case_id for one in cases.call("BatchGetMaskedText", request, TRIAGE).texts] == [
        waiting.id
    ]
    assert len(cases.call("BatchGetMaskedText", request, SERVICE).texts) == 2


def test_access_ends_by_every_way_when_a_case_leaves(cases: Client, case: pb.Case) -> None:
    """After a return the office finds the case neither by id nor by list nor by number."""
    kind = pb.RESPONSE_KIND_RETURN
    cases.answer(case, kind, office="akimat-75", reason_code="NOT_COMPETENT")

    assert listed(cases, ALMATY) == listed(cases, ALMATY, number=case.number) == []
    for method in ("GetCase", "GetCaseText"):
        with pytest.raises(NotFoundError):
            cases.call(method, getattr(pb, f"{method}Request")(case_id=case.id), ALMATY)


@pytest.fixture
def read_by_three(cases: Client, case: pb.Case) -> pb.Case:
    """Let the office, the citizen, and another citizen in vain, ask for the words of the case."""
    read_words(cases, case, ALMATY)
    read_words(cases, case, AIGUL)
    with pytest.raises(NotFoundError):
        read_words(cases, case, BERIK)
    return case


def test_each_reading_of_words_is_on_record(cases: Client, read_by_three: pb.Case) -> None:
    """Who, as what, of which case and when, newest first; nobody read who was refused."""
    told = readings(cases)

    assert [(one.subject, one.role, one.case_id) for one in told] == [
        ("aigul", "citizen", read_by_three.id),
        ("almaty", "officer", read_by_three.id),
    ]
    assert all(one.access_time.seconds > 0 for one in told)


def test_masked_words_that_a_person_reads_are_on_record_too(cases: Client, case: pb.Case) -> None:
    """Each case they were shown, and no other; the services that sort read every case, and no
    person reads there.
    """
    waiting = [cases.submit(key, principal=BERIK) for key in ("k2", "k3")]
    ids = [case.id, *(one.id for one in waiting)]
    request = pb.BatchGetMaskedTextRequest(case_ids=ids)

    cases.call("BatchGetMaskedText", request, SERVICE)
    assert readings(cases) == []

    cases.call("BatchGetMaskedText", request, TRIAGE)
    assert sorted((one.subject, one.role, one.case_id) for one in readings(cases)) == [
        ("dana", "triage-officer", one.id) for one in waiting
    ]


def test_readings_are_found_by_reader_and_by_case(cases: Client, read_by_three: pb.Case) -> None:
    """What did this officer read? Who read this case?"""
    other = cases.submit("k2", principal=AIGUL)
    read_words(cases, other, AIGUL)

    assert [one.case_id for one in readings(cases, subject="almaty")] == [read_by_three.id]
    assert [one.subject for one in readings(cases, case_id=other.id)] == ["aigul"]
    assert readings(cases, case_id=other.id, subject="almaty") == []


def test_readings_come_in_pages(cases: Client, read_by_three: pb.Case) -> None:
    """Each once, and the last page says that it is the last."""
    first = cases.call("ListReadings", pb.ListReadingsRequest(page_size=1), AUDITOR)
    request = pb.ListReadingsRequest(page_size=1, page_token=first.next_page_token)
    second = cases.call("ListReadings", request, AUDITOR)

    assert [one.subject for one in (*first.readings, *second.readings)] == ["aigul", "almaty"]
    assert second.next_page_token == ""


@pytest.mark.parametrize("who", [AIGUL, ALMATY, TRIAGE, SERVICE, None])
def test_who_read_what_is_not_for_everybody(cases: Client, who: Principal | None) -> None:
    """An officer does not learn that somebody looks at what they read."""
    with pytest.raises(ForbiddenError):
        cases.call("ListReadings", pb.ListReadingsRequest(), who)

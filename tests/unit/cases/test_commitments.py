"""What binds a decision to its text and its people, and tells neither."""

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain import commitment, pseudonym, salt_of
from services.chassis.masking import mask
from tests.unit.cases.cabinet import Cabinet
from tests.unit.cases.conftest import SERVICE, Client

TEXT = "Паспорт жоғалттым, ИИН 900101300007"


def masked(cases: Client, *ids: str) -> list[pb.MaskedText]:
    request = pb.BatchGetMaskedTextRequest(case_ids=ids)
    return list(cases.call("BatchGetMaskedText", request, SERVICE).texts)


def test_a_decision_is_bound_to_its_masked_text(cases: Client) -> None:
    """What sorters were shown and what the decision names is the same commitment."""
    case = cases.submit(text=TEXT)
    (shown,) = masked(cases, case.id)

    decided = cases.decide(case).case.decision

    assert len(decided.commitment) == 64
    assert decided.commitment == shown.commitment


def test_the_same_words_in_two_cases_look_different(cases: Client) -> None:
    """The salt is the case's, so nobody can tell who asked the same."""
    one, other = cases.submit("k1", TEXT), cases.submit("k2", TEXT)

    shown = masked(cases, one.id, other.id)

    assert shown[0].text == shown[1].text
    assert shown[0].commitment != shown[1].commitment


def test_who_has_the_salt_opens_the_commitment(cabinet: Cabinet) -> None:
    """It is the HMAC of the masked text under the salt, and of nothing else."""
    case = cabinet.add()
    opened = cabinet.store.open([case.id])[case.id]

    assert commitment(opened.salt, mask(opened.words.text)) == commitment(
        opened.salt, "Паспорт жоғалттым"
    )
    assert commitment(opened.salt, "басқа") != commitment(opened.salt, mask(opened.words.text))


def test_the_salt_dies_with_the_key(cabinet: Cabinet) -> None:
    """It is made from the key and kept nowhere."""
    case = cabinet.add()
    cabinet.store.keys.forget(case.id)

    assert cabinet.store.open([case.id]) == {}
    assert salt_of(bytes(32)) != salt_of(bytes(31) + b"1")


@pytest.mark.parametrize(
    ("actor", "subject"),
    [(pb.ACTOR_KIND_TRIAGE_OFFICER, "officer.serik"), (pb.ACTOR_KIND_CITIZEN, "aigul")],
)
def test_people_go_by_pseudonyms(cases: Client, actor: int, subject: str) -> None:
    """The decision tells that it was a person, and not which."""
    case = cases.submit()

    decided = cases.decide(case, actor=actor, subject=subject).case.decision

    assert len(decided.subject) == 32
    assert subject not in str(decided)


def test_an_officer_is_known_again_and_a_citizen_is_not(cases: Client) -> None:
    """Staff answer for what they do; nothing ties a citizen's cases together."""
    found = [
        cases.decide(cases.submit(f"{actor}-{n}"), actor=actor, subject="somebody").case.decision
        for actor in (pb.ACTOR_KIND_TRIAGE_OFFICER, pb.ACTOR_KIND_CITIZEN)
        for n in range(2)
    ]

    assert found[0].subject == found[1].subject
    assert found[2].subject != found[3].subject


def test_nobody_has_no_pseudonym(cases: Client) -> None:
    """A citizen who did not sign in is nobody in particular."""
    decided = cases.decide(cases.submit(), actor=pb.ACTOR_KIND_CITIZEN, subject="anonymous")

    assert decided.case.decision.subject == ""


def test_a_pseudonym_needs_the_secret() -> None:
    """Guessing names does not help without it."""
    assert pseudonym(b"a", "serik") != pseudonym(b"b", "serik")


def test_a_decision_names_the_one_it_takes_the_place_of(cases: Client) -> None:
    """The first names none."""
    asked = cases.decide(cases.submit(), outcome=pb.OUTCOME_CONFIRM).case

    routed = cases.decide(asked, "d2").case.decision

    assert asked.decision.overrides == ""
    assert routed.overrides == asked.decision.id

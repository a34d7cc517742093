"""The words of reason codes: whatever a citizen may meet in a timeline is told in words."""

import re
from dataclasses import asdict

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases.domain.terms import OVERDUE
from services.cases.store.reasons import bundled_reasons
from services.delivery.domain import ReturnReason
from services.routing.domain import Reason
from tests.unit.cases.conftest import Client

REASONS = bundled_reasons()
KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)


@pytest.mark.parametrize("code", [*Reason, *ReturnReason, *OVERDUE.values()])
def test_every_reason_has_words(code: str) -> None:
    """A reason added to routing or delivery is not forgotten here."""
    assert code in REASONS


@pytest.mark.parametrize("code", sorted(REASONS))
def test_words_are_in_three_languages(code: str) -> None:
    """A sentence each, and none in the place of another."""
    words = REASONS[code]

    assert all(text.endswith(".") for text in asdict(words).values())
    assert KAZAKH.search(words.kk)
    assert not KAZAKH.search(words.ru)
    assert words.en.isascii()


def test_a_timeline_tells_why_in_words(cases: Client) -> None:
    """Each move with a known reason says it in the citizen's language."""
    case = cases.submit()
    cases.decide(case, reason_code="CONFIDENT")
    cases.answer(case, pb.RESPONSE_KIND_RETURN, reason_code="NOT_COMPETENT")

    told = [entry.reason.kk for entry in cases.get(case.id).timeline]

    assert told == ["", REASONS["CONFIDENT"].kk, REASONS["NOT_COMPETENT"].kk]


def test_a_code_nobody_wrote_words_for_is_shown_bare(cases: Client) -> None:
    """It is not an error; offices may bring codes of their own."""
    case = cases.submit()
    cases.decide(case, reason_code="NEVER_HEARD_OF")

    entry = cases.get(case.id).timeline[-1]

    assert (entry.reason_code, entry.HasField("reason")) == ("NEVER_HEARD_OF", False)


def test_the_whole_table_can_be_read(cases: Client) -> None:
    """For portals that keep the words themselves."""
    told = cases.call("ListReasons", pb.ListReasonsRequest()).reasons

    assert [one.code for one in told] == sorted(REASONS)

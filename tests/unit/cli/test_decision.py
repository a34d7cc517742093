"""A decision made again: whether it was drawn for the random sample by the rule."""

from dataclasses import replace
from typing import Any

import pytest

from classifier.domain import Classification, Language, Suggestion, Thresholds
from deploy.cli.decision import TRILLION, compared, drawn_otherwise
from services.chassis.emergency import Emergency
from services.routing.domain import Policy, draw

POLICY = Policy(version="p1", sample_share=0.1)
QUIET = Classification(
    language=Language.RU,
    suggestions=[],
    out_of_scope=0.0,
    thresholds=Thresholds(0.8, 0.3),
    model="m1",
)
URGENT = replace(QUIET, emergency=Emergency("FIRE", "101", "Call 101."))


def case(low: float, high: float, policy: str = "p1") -> str:
    """Return a case whose number lies between two."""
    return next(id_ for id_ in map(str, range(1000)) if low <= draw(id_, policy) < high)


def record(case_id: str, reason: str = "CONFIDENT", **more: Any) -> dict[str, Any]:
    return {"case": case_id, "reason": reason, "policy": "p1"} | more


DRAWN, SPARED = case(0, 0.1), case(0.1, 0.2)
ELSEWHERE = {"policy": "p0"}

BY_THE_RULE = [
    ("drawn", record(DRAWN, "SAMPLED"), QUIET),
    ("not drawn", record(SPARED), QUIET),
    ("in danger", record(DRAWN), URGENT),
    ("decided before", record(DRAWN, overrides="1:2"), QUIET),
    ("not sure", record(DRAWN, "UNSURE"), QUIET),
    ("by a policy we have not", record(case(0.1, 0.2, "p0"), "SAMPLED", **ELSEWHERE), QUIET),
]


@pytest.mark.parametrize(
    ("told", "seen"), [row[1:] for row in BY_THE_RULE], ids=[row[0] for row in BY_THE_RULE]
)
def test_what_the_rule_says_is_no_difference(told: dict[str, Any], seen: Classification) -> None:
    """From the record, the policy and the text alone."""
    assert drawn_otherwise(told, POLICY, seen) == []


AGAINST_THE_RULE = [
    ("drawn by hand", record(SPARED, "SAMPLED"), "drawn, though"),
    ("passed over", record(DRAWN), "passed over, though"),
    ("above any share", record(case(0.2, 1, "p0"), "SAMPLED", **ELSEWHERE), "drawn, though"),
]


@pytest.mark.parametrize(
    ("told", "words"),
    [row[1:] for row in AGAINST_THE_RULE],
    ids=[row[0] for row in AGAINST_THE_RULE],
)
def test_a_sample_that_somebody_steered_is_told(told: dict[str, Any], words: str) -> None:
    """With the number that whoever doubts it can work out again."""
    (difference,) = drawn_otherwise(told, POLICY, QUIET)

    assert words in difference


RANKED = replace(QUIET, suggestions=[Suggestion(f"s{n}", 0.5**n) for n in range(1, 6)])
IDS = {f"s{n}" for n in range(1, 6)}


def ranked(count: int, **more: Any) -> dict[str, Any]:
    """Return a record of the first services alone."""
    ranking = [[f"s{n}", round(0.5**n * TRILLION)] for n in range(1, count + 1)]
    return record(SPARED, outcome="route", language="ru", ranking=ranking, **more)


def test_what_had_no_room_in_a_record_is_no_difference() -> None:
    """It says how many it left out; one that is silent about it differs."""
    assert compared(ranked(3, left_out=2), RANKED, IDS) == []
    assert "the ranking" in compared(ranked(3), RANKED, IDS)[0]
    assert "the ranking" in compared(ranked(3, left_out=1), RANKED, IDS)[0]

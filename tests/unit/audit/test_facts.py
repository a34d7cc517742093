"""What is known of a case after its events."""

from datetime import timedelta

import pytest

from services.audit.domain import CaseEvent
from services.audit.domain.counting import RATED
from services.audit.domain.facts import UNKNOWN, CaseFacts, follow
from services.chassis.story import ERASED
from tests.unit.audit.stories import NOON, decision, event, gone

HOUR = timedelta(hours=1)


def told(*events: CaseEvent) -> CaseFacts:
    facts = follow(events, {})["c1"]
    assert facts is not None
    return facts


def by_model(version: int = 1, outcome: str = "route", **more: object) -> CaseEvent:
    state = {"route": "routed", "confirm": "confirmation-requested"}.get(outcome, "triaged")
    ranking = (("identity.passport", 0.8), ("land.plot", 0.1))
    values = {"outcome": outcome, "ranking": ranking, "language": "ru"} | more
    return event("c1", version, state, decision=decision(f"d{version}", **values))


def by_person(version: int, actor: str, service_id: str, outcome: str = "route") -> CaseEvent:
    values = {"actor": actor, "service_id": service_id, "model": "", "outcome": outcome}
    made = decision(f"d{version}", **values)
    return event("c1", version, service_id=service_id, decision=made)


def returned(version: int, why: str) -> CaseEvent:
    return event("c1", version, "returned", service_id="", office="", channel="", reason_code=why)


def judged(facts: CaseFacts) -> tuple[str, str]:
    return facts.verdict, facts.judge


def test_what_a_model_first_said_stays() -> None:
    """A later decision of a model, on a returned case, is no case of its own."""
    facts = told(by_model(), gone("c1", 2), by_model(3, service_id="land.plot", model="m2"))

    assert (facts.model, facts.guess, facts.outcome, facts.score) == (
        "m1",
        "identity.passport",
        "route",
        0.8,
    )


@pytest.mark.parametrize(
    ("actor", "service_id", "verdict"),
    [
        ("citizen", "identity.passport", "right"),
        ("citizen", "land.plot", "wrong"),
        ("triage-officer", "land.plot", "wrong"),
    ],
)
def test_a_person_who_chooses_judges(actor: str, service_id: str, verdict: str) -> None:
    """Who takes the model's best bears it out; who takes another service sets it right."""
    facts = told(by_model(outcome="confirm"), by_person(2, actor, service_id))

    assert judged(facts) == (verdict, actor)


def test_who_asks_for_a_person_judges_nothing() -> None:
    """The triage officer does, after them."""
    asked = by_person(2, "citizen", "", "triage")
    facts = told(by_model(outcome="confirm"), asked, by_person(3, "triage-officer", "land.plot"))

    assert judged(facts) == ("wrong", "triage-officer")


@pytest.mark.parametrize(("outcome", "verdict"), [("out-of-scope", "right"), ("route", "wrong")])
def test_out_of_scope_is_judged_as_such(outcome: str, verdict: str) -> None:
    """Whatever service the model would have thought of."""
    facts = told(
        by_model(outcome="out-of-scope"),
        by_person(2, "triage-officer", "identity.passport", outcome),
    )

    assert judged(facts) == (verdict, "triage-officer")


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("NOT_COMPETENT", ("wrong", "officer")),
        ("WRONG_REGION", ("wrong", "officer")),
        ("INCOMPLETE", ("", "")),
    ],
)
def test_an_office_that_is_not_competent_judges(why: str, expected: tuple[str, str]) -> None:
    """Other returns are no fault of routing."""
    assert judged(told(by_model(), returned(2, why))) == expected


def test_an_office_that_is_done_bears_the_model_out() -> None:
    """Its answer is the last word on whether the case belonged there."""
    assert judged(told(by_model(), event("c1", 2, "completed"))) == ("right", "officer")


def test_the_first_judge_stands() -> None:
    """A case that was misrouted stays so when another office is done with it."""
    again = by_person(3, "triage-officer", "land.plot")
    facts = told(by_model(), returned(2, "NOT_COMPETENT"), again, event("c1", 4, "completed"))

    assert judged(facts) == ("wrong", "officer")


def at(version: int, state: str, hours: int, **more: object) -> CaseEvent:
    return event("c1", version, state, event_time=NOON + hours * HOUR, **more)


def rated(version: int, hours: int) -> CaseEvent:
    return at(version, "completed", hours, type=RATED, stars=4)


def test_times_run_from_the_submission() -> None:
    """The first word of the office answers, the last one completes."""
    facts = told(at(1, "routed", 0), at(2, "accepted", 2), at(3, "completed", 5))

    assert (facts.answer_seconds, facts.complete_seconds) == (2 * 3600, 5 * 3600)


def test_a_case_that_is_opened_again_is_not_done() -> None:
    """Its time goes on until it is done for good."""
    events = [at(1, "routed", 0), at(2, "completed", 2)]
    reopened = at(3, "triaged", 3, type="kz.qyzmet.case.reopened.v1", office="")
    facts = told(*events, reopened)
    assert (facts.is_reopened, facts.complete_seconds) == (True, UNKNOWN)

    done = told(*events, reopened, at(4, "routed", 4), at(5, "completed", 9))
    assert done.complete_seconds == 9 * 3600


@pytest.mark.parametrize(("hours", "is_late"), [(24, False), (25, True)])
def test_what_is_done_after_it_was_due_is_late(hours: int, is_late: bool) -> None:
    """By the term that ran before the case was done."""
    due = NOON + 24 * HOUR
    facts = told(at(1, "routed", 0, due_time=due), at(2, "completed", hours))

    assert facts.is_late is is_late


def test_what_was_told_to_be_overdue_is_late() -> None:
    """Also while it is not done."""
    overdue = at(2, "routed", 25, type="kz.qyzmet.case.overdue.v1")

    assert told(at(1, "routed", 0), overdue).is_late


def test_what_citizens_think_is_kept() -> None:
    """An objection and the newest opinion."""
    objected = at(2, "triaged", 1, type="kz.qyzmet.case.objected.v1", office="")

    facts = told(at(1, "routed", 0), objected, rated(3, hours=2))

    assert (facts.is_objected, facts.stars) == (True, 4)


@pytest.mark.parametrize("size", [1, 4])
def test_what_was_erased_does_not_come_back(size: int) -> None:
    """Its citizen may still say what they think of it; nothing is known of a case by that alone."""
    erased = at(3, "completed", 9, type=ERASED)
    story = [at(1, "routed", 0), at(2, "completed", 5), erased, rated(4, hours=20)]

    known: dict[str, CaseFacts | None] = {}
    for begin in range(0, len(story), size):
        before = {case_id: facts for case_id, facts in known.items() if facts}
        known |= follow(story[begin : begin + size], before)

    assert not any(known.values())

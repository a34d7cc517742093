"""People's choices and offices' returns, told as labels in the same breath as the step."""

from dataclasses import replace

import msgspec
import pytest
import sqlalchemy as sa

from qyzmet.cases.v1 import cases_pb2 as pb
from services.cases import domain
from services.cases.domain import (
    Actor,
    Answer,
    Case,
    Correction,
    Decision,
    Judgement,
    Moved,
    Outcome,
)
from services.cases.store import tables
from services.chassis import codec
from tests.unit.cases.cabinet import TO_MIA, Cabinet
from tests.unit.cases.test_domain import CASE, LATER, answer, decide

ASKED = replace(
    TO_MIA, outcome=Outcome.CONFIRM, id="d1", model="m1", office="", reason_code="UNSURE"
)
CHOSEN = Decision(
    outcome=Outcome.ROUTE,
    actor=Actor.CITIZEN,
    id="d2",
    service_id="identity.id-card",
    office="MIA",
    channel="online",
    reason_code="CONFIRMED",
)


def of(moved: Moved, writer: str = "w1") -> Correction | None:
    case, step = moved
    return domain.correction(case, step, writer)


def asked() -> Case:
    """Return a case whose citizen a model asked."""
    return decide(CASE, ASKED)[0]


def test_a_confirmation_is_a_label() -> None:
    """What the model named, and what the citizen chose."""
    assert of(decide(asked(), CHOSEN)) == Correction(
        case_id="c1",
        decision_id="d1",
        model="m1",
        suggested_service="identity.passport",
        chosen_service="identity.id-card",
        actor=Actor.CITIZEN,
        reason_code="CONFIRMED",
        time=LATER,
        writer="w1",
    )


def test_a_choice_speaks_of_what_the_model_said_last() -> None:
    """Also when a person decided in between, as a citizen who asks for one does."""
    wish = Decision(outcome=Outcome.TRIAGE, actor=Actor.CITIZEN, reason_code="ASKED_FOR_PERSON")
    triaged, step = decide(asked(), wish)

    told = of(decide(triaged, replace(CHOSEN, actor=Actor.TRIAGE_OFFICER)))

    assert domain.correction(triaged, step, "") is None
    assert told is not None
    assert (told.decision_id, told.model, told.actor) == ("d1", "m1", Actor.TRIAGE_OFFICER)


@pytest.mark.parametrize(
    "reason", ["NEEDS_HUMAN", "OFF_SWITCH", "HOP_CAP", "RETURNED_BY_OFFICE", "UNKNOWN_SERVICE"]
)
def test_a_citizen_s_choice_that_goes_to_a_person_first_is_a_label(reason: str) -> None:
    """They said where the case belongs, whatever the policy makes of it; so does that person."""
    stopped = replace(CHOSEN, outcome=Outcome.TRIAGE, office="", reason_code=reason)
    triaged, step = decide(asked(), stopped)

    told = domain.correction(triaged, step, "w1")
    then = of(decide(triaged, replace(CHOSEN, id="d3", actor=Actor.TRIAGE_OFFICER)))

    assert told is not None
    assert (told.suggested_service, told.chosen_service) == (
        "identity.passport",
        "identity.id-card",
    )
    assert (told.decision_id, told.actor, told.reason_code) == ("d1", Actor.CITIZEN, reason)
    assert then is not None
    assert (then.decision_id, then.actor) == ("d1", Actor.TRIAGE_OFFICER)


def test_a_suggestion_that_is_not_followed_is_no_label() -> None:
    """The return that brought it is told; where it belongs, a person is to say."""
    stopped = replace(CHOSEN, outcome=Outcome.TRIAGE, actor=Actor.OFFICER, office="")

    assert of(decide(asked(), stopped)) is None


def test_no_service_is_a_label_too() -> None:
    """The one that names none."""
    nothing = Decision(
        outcome=Outcome.OUT_OF_SCOPE, actor=Actor.TRIAGE_OFFICER, reason_code="OUT_OF_SCOPE"
    )

    told = of(decide(asked(), nothing))

    assert told is not None
    assert (told.chosen_service, told.reason_code) == ("", "OUT_OF_SCOPE")


@pytest.mark.parametrize(
    ("by", "model"), [(replace(TO_MIA, id="d2", model="m1"), "m1"), (CHOSEN, "")]
)
def test_a_return_speaks_of_the_decision_that_brought_the_case(by: Decision, model: str) -> None:
    """A model's, or a person's, in which case no model is to blame."""
    told = of(answer(decide(asked(), by)[0], Answer.RETURN))

    assert told is not None
    assert (told.decision_id, told.model, told.suggested_service, told.chosen_service) == (
        "d2",
        model,
        by.service_id,
        "",
    )
    assert (told.actor, told.reason_code) == (Actor.OFFICER, "NOT_COMPETENT")


def test_a_model_does_not_correct_itself() -> None:
    """What it decides is no label, and neither is work on a case."""
    routed = decide(CASE, TO_MIA)

    assert of(routed) is None
    assert of(answer(routed[0], Answer.ACCEPT)) is None


def waiting(cabinet: Cabinet) -> list[tuple[str, dict[str, str]]]:
    """Return what waits in the outbox, in order."""
    with cabinet.database.read() as connection:
        rows = connection.execute(sa.select(tables.outbox).order_by(tables.outbox.c.sequence))
        return [(row.aggregatetype, msgspec.json.decode(row.payload)) for row in rows]


def choose(cabinet: Cabinet, case: Case, decision: Decision, name: str) -> None:
    cabinet.apply(
        case, name, lambda now: domain.decide(now, decision, region="", request_id=name, now=LATER)
    )


def test_a_correction_commits_with_its_step(cabinet: Cabinet) -> None:
    """Behind the event of the step, in the form others read."""
    case = cabinet.add()
    choose(cabinet, case, ASKED, "d1")

    choose(cabinet, case, CHOSEN, "d2")

    topics = [topic for topic, _ in waiting(cabinet)]
    assert topics == [*["qyzmet.cases.v1"] * 3, "qyzmet.corrections.v1"]
    told = codec.from_json(waiting(cabinet)[-1][1], pb.Correction)
    assert (told.suggested_service, told.chosen_service) == (
        "identity.passport",
        "identity.id-card",
    )


def test_what_a_model_said_is_kept_with_the_case(cabinet: Cabinet) -> None:
    """A restart between question and choice changes nothing."""
    case = cabinet.add()
    choose(cabinet, case, ASKED, "d1")

    judgement = cabinet.store.get([case.id])[case.id].judgement

    assert judgement == Judgement(decision_id="d1", model="m1", service_id="identity.passport")


def writers(cabinet: Cabinet, *cases: Case) -> list[str]:
    for case in cases:
        choose(cabinet, case, CHOSEN, "d2")
    return [told.get("writer", "") for topic, told in waiting(cabinet) if "corr" in topic]


def test_a_writer_is_one_person_and_nobody_by_name(cabinet: Cabinet) -> None:
    """The same for all cases of a person, another for another person or portal."""
    mine, again = cabinet.add(request_id="a"), cabinet.add(request_id="b")
    other, elsewhere = cabinet.add(owner="berik"), cabinet.add(portal="egov")

    told = writers(cabinet, mine, again, other, elsewhere)

    assert told[0] == told[1]
    assert len(set(told)) == 3
    assert "aigul" not in "".join(told)


def test_who_did_not_sign_in_is_no_writer(cabinet: Cabinet) -> None:
    """Nobody knows whether two such cases are of one person."""
    assert writers(cabinet, cabinet.add(owner="anonymous")) == [""]

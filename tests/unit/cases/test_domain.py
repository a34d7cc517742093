"""How a case moves, and who may see it."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from services.cases import domain
from services.cases.domain import (
    MOVES,
    Actor,
    Answer,
    Case,
    Clock,
    Decision,
    Happening,
    Moved,
    NotPossibleNowError,
    Outcome,
    Rating,
    State,
    Suggestion,
    TextLengthError,
    UnknownCaseError,
    Words,
)
from services.chassis.errors import InvalidError
from services.chassis.principal import ANONYMOUS, Principal, Role
from tests.unit.cases.cabinet import BEGINNING, TO_MIA

LATER = BEGINNING + timedelta(hours=1)
CASE = Case(
    id="c1",
    number="QZ-26-0000042-5",
    state=State.SUBMITTED,
    version=3,
    submit_time=BEGINNING,
    update_time=BEGINNING,
    portal="egov",
    owner="aigul",
    region="75",
)
HELD = replace(
    CASE, state=State.ROUTED, service_id="identity.passport", office="MIA", channel="online"
)
UNDECIDED = {State.SUBMITTED, State.CONFIRMATION_REQUESTED, State.TRIAGED, State.RETURNED}


def decide(case: Case, decision: Decision = TO_MIA, region: str = "") -> Moved:
    return domain.decide(case, decision, region=region, request_id="r1", now=LATER)


def answer(
    case: Case, kind: Answer, office: str = "MIA", reason: str = "NOT_COMPETENT", **more: Any
) -> Moved:
    named = {"office": office, "reason_code": reason, "request_id": "r1", "now": LATER}
    return domain.answer(case, kind, **named, **more)


def outcome(said: Outcome, actor: Actor = Actor.MODEL) -> Decision:
    return Decision(outcome=said, actor=actor)


WAYS = {
    "route": decide,
    "confirm": lambda case: decide(case, outcome(Outcome.CONFIRM)),
    "triage": lambda case: decide(case, outcome(Outcome.TRIAGE)),
    "a model sees no service": lambda case: decide(case, outcome(Outcome.OUT_OF_SCOPE)),
    "an officer sees no service": lambda case: decide(
        case, outcome(Outcome.OUT_OF_SCOPE, Actor.TRIAGE_OFFICER)
    ),
    "accept": lambda case: answer(case, Answer.ACCEPT),
    "complete": lambda case: answer(case, Answer.COMPLETE),
    "return": lambda case: answer(case, Answer.RETURN),
    "ask": lambda case: answer(case, Answer.ASK, reason="WHICH"),
    "split": lambda case: domain.split(
        case, office="MIA", child_id="c2", request_id="r1", now=LATER
    ),
    "provide": lambda case: domain.provide(case, request_id="r1", now=LATER),
    "reopen": lambda case: domain.reopen(case, request_id="r1", now=LATER),
    "object": lambda case: domain.object_to(case, request_id="r1", now=LATER),
    "rate": lambda case: domain.rate(case, Rating(4), request_id="r1", now=LATER),
    "overdue": lambda case: domain.overdue(
        case, Clock.TERM, 1, office="MIA", request_id="r1", now=LATER
    ),
    "withdraw": lambda case: domain.withdraw(case, request_id="r1", now=LATER),
}
ALLOWED = {
    "route": UNDECIDED,
    "confirm": {State.SUBMITTED, State.RETURNED},
    "triage": {State.SUBMITTED, State.RETURNED, State.CONFIRMATION_REQUESTED},
    "a model sees no service": {State.SUBMITTED, State.RETURNED, State.CONFIRMATION_REQUESTED},
    "an officer sees no service": UNDECIDED,
    "accept": {State.ROUTED},
    "complete": {State.ACCEPTED},
    "return": {State.ROUTED, State.ACCEPTED, State.INFORMATION_REQUESTED},
    "ask": {State.ROUTED, State.ACCEPTED},
    "split": {State.TRIAGED, State.ROUTED, State.ACCEPTED, State.INFORMATION_REQUESTED},
    "provide": {State.INFORMATION_REQUESTED},
    "reopen": {State.COMPLETED},
    "object": {State.ROUTED, State.ACCEPTED, State.INFORMATION_REQUESTED},
    "rate": {State.COMPLETED},
    "overdue": {State.ROUTED, State.ACCEPTED},
    "withdraw": set(State) - {State.COMPLETED, State.WITHDRAWN},
}
LEADS_TO = {
    "route": State.ROUTED,
    "confirm": State.CONFIRMATION_REQUESTED,
    "triage": State.TRIAGED,
    "a model sees no service": State.TRIAGED,
    "an officer sees no service": State.COMPLETED,
    "accept": State.ACCEPTED,
    "complete": State.COMPLETED,
    "return": State.RETURNED,
    "ask": State.INFORMATION_REQUESTED,
    "provide": State.ROUTED,
    "reopen": State.TRIAGED,
    "object": State.TRIAGED,
    "withdraw": State.WITHDRAWN,
}


def test_every_move_is_tried_here() -> None:
    """A happening added without a way to it fails this test.

    Submitting is how a case begins; erasing leaves an ended case as it was (test_erasure).
    """
    happened = {WAYS[way](replace(HELD, state=min(ALLOWED[way])))[1].type for way in WAYS}

    assert happened == set(MOVES) - {Happening.ERASED}
    assert set(Happening) - set(MOVES) == {Happening.SUBMITTED}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("way", WAYS)
def test_the_whole_table_of_moves(way: str, state: State) -> None:
    """Each way in each state: it leads where it should, or is refused."""
    case = replace(HELD, state=state)

    if state in ALLOWED[way]:
        moved, step = WAYS[way](case)
        assert moved.state is step.state is LEADS_TO.get(way, state)
    else:
        with pytest.raises(NotPossibleNowError):
            WAYS[way](case)


@pytest.mark.parametrize("way", WAYS)
def test_every_step_raises_the_version_by_one(way: str) -> None:
    """Case and step agree on version and time, and the step keeps its request's name."""
    state = sorted(ALLOWED[way])[0]

    moved, step = WAYS[way](replace(HELD, state=state))

    assert moved.version == step.case_version == HELD.version + 1
    assert moved.update_time == step.event_time == LATER
    assert step.request_id == "r1"


@pytest.mark.parametrize("way", WAYS)
def test_no_step_changes_what_a_receipt_says(way: str) -> None:
    """Number, time, portal and owner are for good."""
    moved, _ = WAYS[way](replace(HELD, state=sorted(ALLOWED[way])[0]))

    for name in ("id", "number", "submit_time", "portal", "owner", "language"):
        assert getattr(moved, name) == getattr(HELD, name)


def test_a_routed_case_is_held_by_its_office() -> None:
    """Service, office and channel are those of the decision, as of that moment."""
    moved, step = decide(CASE)

    assert (moved.service_id, moved.office, moved.channel) == (
        "identity.passport",
        "MIA",
        "online",
    )
    assert step.office == "MIA"


@pytest.mark.parametrize("said", [Outcome.CONFIRM, Outcome.TRIAGE, Outcome.OUT_OF_SCOPE])
def test_an_undecided_case_is_held_by_nobody(said: Outcome) -> None:
    """A candidate in a decision is not yet a service of the case."""
    decision = replace(TO_MIA, outcome=said)

    moved, _ = decide(CASE, decision)

    assert (moved.service_id, moved.office, moved.channel) == ("", "", None)
    assert moved.decision is not None
    assert moved.decision.service_id == "identity.passport"


@pytest.mark.parametrize("missing", ["service_id", "office", "channel"])
def test_a_case_is_not_routed_to_half_an_office(missing: str) -> None:
    """A route needs a service, an office and a channel."""
    with pytest.raises(InvalidError):
        decide(CASE, replace(TO_MIA, **{missing: ""}))


def test_a_decision_gets_a_name_and_a_time() -> None:
    """Where it brings none, it is named after the case and the version it makes."""
    moved, step = decide(CASE)

    assert moved.decision == step.decision == replace(TO_MIA, id="c1:4", decide_time=LATER)


def test_a_decision_keeps_the_name_it_brings() -> None:
    """Who decides may name the decision; the time is always ours."""
    moved, _ = decide(CASE, replace(TO_MIA, id="mine", decide_time=BEGINNING))

    assert moved.decision == replace(TO_MIA, id="mine", decide_time=LATER)


@pytest.mark.parametrize(("region", "after"), [("", "75"), ("71", "71")])
def test_a_region_named_with_a_decision_replaces_the_case_s(region: str, after: str) -> None:
    """None named keeps what the citizen said before."""
    assert decide(CASE, region=region)[0].region == after


@pytest.mark.parametrize("kind", Answer)
@pytest.mark.parametrize("office", ["MJ", ""])
def test_only_the_holder_answers(kind: Answer, office: str) -> None:
    """Another office, or none, is told that there is no such case."""
    with pytest.raises(UnknownCaseError):
        answer(HELD, kind, office)


@pytest.mark.parametrize("kind", Answer)
@pytest.mark.parametrize("state", sorted(UNDECIDED))
def test_what_nobody_holds_nobody_answers(kind: Answer, state: State) -> None:
    """An empty office is no office."""
    with pytest.raises(UnknownCaseError):
        answer(replace(HELD, state=state, office=""), kind, "")


@pytest.mark.parametrize("reason", ["", "not competent", "_X", "X" * 65, "NOT_COMPETENT\n", "ЖОҚ"])
@pytest.mark.parametrize("kind", [Answer.RETURN, Answer.ASK])
def test_a_return_and_a_question_name_a_reason(kind: Answer, reason: str) -> None:
    """As a code that programs can count."""
    with pytest.raises(InvalidError) as refusal:
        answer(HELD, kind, reason=reason)

    assert refusal.value.field == "reason_code"


def test_a_returned_case_remembers_who_returned_it() -> None:
    """It is free again, and does not go back there."""
    before = replace(HELD, returned_by=("MJ",))

    moved, step = answer(before, Answer.RETURN)

    assert (moved.service_id, moved.office, moved.channel) == ("", "", None)
    assert moved.returned_by == ("MJ", "MIA")
    assert (step.previous_office, step.office, step.reason_code) == ("MIA", "", "NOT_COMPETENT")


@pytest.mark.parametrize("state", [State.ROUTED, State.ACCEPTED])
def test_an_answer_leads_back_to_where_the_question_was_asked(state: State) -> None:
    """What the office had accepted is accepted still, and what not, not."""
    asked, step = answer(replace(HELD, state=state), Answer.ASK, reason="WHICH")

    answered, _ = domain.provide(asked, request_id="r2", now=LATER)

    assert (step.reason_code, asked.office) == ("WHICH", "MIA")
    assert (answered.state, answered.resume_state, answered.office) == (state, None, "MIA")


@pytest.mark.parametrize("state", [State.ROUTED, State.ACCEPTED])
def test_an_unanswered_question_does_not_hold_up_what_was_accepted(state: State) -> None:
    """The office may be done without the answer, if it had accepted the case at all."""
    asked, _ = answer(replace(HELD, state=state), Answer.ASK, reason="WHICH")

    if state is State.ACCEPTED:
        assert answer(asked, Answer.COMPLETE)[0].state is State.COMPLETED
    else:
        with pytest.raises(NotPossibleNowError):
            answer(asked, Answer.COMPLETE)


def test_a_suggestion_stays_until_the_case_is_routed_again() -> None:
    """Whoever decides sees it, and after that it is of no more use."""
    meant = Suggestion("social.pension", "MTSZN")
    returned, _ = answer(HELD, Answer.RETURN, suggestion=meant)
    triaged, _ = decide(returned, outcome(Outcome.TRIAGE))

    routed, _ = decide(triaged, replace(TO_MIA, office="MTSZN"))

    for case, suggested in ((returned, meant), (triaged, meant), (routed, Suggestion())):
        assert Suggestion(case.suggested_service_id, case.suggested_office) == suggested


@pytest.mark.parametrize(
    ("service", "office", "field"),
    [
        ("a b", "", "suggested_service_id"),
        ("x" * 129, "", "suggested_service_id"),
        ("", "M I A", "suggested_office"),
        ("", "MIA\n", "suggested_office"),
        ("", "MIA", "suggested_office"),
    ],
)
def test_a_suggestion_is_codes_and_not_the_office_itself(
    service: str, office: str, field: str
) -> None:
    """Words cannot slip into an event this way."""
    with pytest.raises(InvalidError) as refusal:
        answer(HELD, Answer.RETURN, suggestion=Suggestion(service, office))

    assert refusal.value.field == field


@pytest.mark.parametrize("way", ["reopen", "object"])
def test_what_goes_to_a_person_leaves_its_office(way: str) -> None:
    """The office is told, holds it no more, and may get it again by that person's choice."""
    moved, step = WAYS[way](replace(HELD, state=min(ALLOWED[way])))

    assert (moved.office, moved.service_id, moved.channel) == ("", "", None)
    assert (step.previous_office, step.actor) == ("MIA", Actor.CITIZEN)
    assert moved.returned_by == ()


@pytest.mark.parametrize("actor", sorted(set(Actor) - {Actor.MODEL}))
def test_only_what_a_model_decided_is_objected_to(actor: Actor) -> None:
    """A person has decided already, and that is what an objection asks for."""
    case = replace(HELD, decision=replace(TO_MIA, actor=actor))

    with pytest.raises(NotPossibleNowError) as refusal:
        domain.object_to(case, request_id="r1", now=LATER)

    assert refusal.value.reason == "NOT_DECIDED_BY_MODEL"


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_an_opinion_is_from_one_to_five(stars: int) -> None:
    """Nothing else can be counted."""
    with pytest.raises(InvalidError) as refusal:
        Rating(stars)

    assert refusal.value.field == "stars"


def test_a_receipt_is_the_case_as_it_was_accepted() -> None:
    """However far it has moved, the first answer can be given again."""
    moved, _ = answer(decide(replace(CASE, version=1))[0], Answer.RETURN)

    assert domain.first_answer(moved) == replace(CASE, version=1)


def test_the_first_step_is_the_citizen_s() -> None:
    """A case begins with version one, at the moment of acceptance."""
    step = domain.submit(CASE, "k1")

    assert (step.case_version, step.type, step.state) == (1, Happening.SUBMITTED, State.SUBMITTED)
    assert (step.actor, step.event_time) == (Actor.CITIZEN, BEGINNING)


def principal(role: Role, subject: str = "x", portal: str = "web", *offices: str) -> Principal:
    return Principal(subject, role, portal, frozenset(offices))


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (principal(Role.CITIZEN, "aigul"), True),
        (principal(Role.CITIZEN, "berik"), False),
        (principal(Role.CITIZEN, "berik", "egov"), False),
        (ANONYMOUS, False),
        (principal(Role.PORTAL, "aigul"), False),
        (principal(Role.PORTAL, "x", "egov"), True),
        (principal(Role.OFFICER, "x", "egov", "MIA"), True),
        (principal(Role.OFFICER, "x", "web", "MJ", "MIA"), True),
        (principal(Role.OFFICER, "aigul", "egov", "MJ"), False),
        (principal(Role.OFFICER), False),
        (principal(Role.TRIAGE_OFFICER), False),
        (principal(Role.ANALYST), True),
        (principal(Role.MODEL_STEWARD), False),
        (principal(Role.ADMINISTRATOR), True),
        (principal(Role.SERVICE), True),
    ],
)
def test_who_may_see_a_case(who: Principal, sees: bool) -> None:
    """A citizen their own, a portal what came through it, an office what it holds."""
    assert domain.may_see(HELD, who) is sees


@pytest.mark.parametrize("state", list(State))
def test_a_triage_officer_sees_what_waits_for_a_choice(state: State) -> None:
    """Before an office has a case, and after it gave it back; not what is in hands or ended."""
    waits = {State.SUBMITTED, State.CONFIRMATION_REQUESTED, State.TRIAGED, State.RETURNED}
    case = replace(CASE, state=state)

    assert domain.may_see(case, principal(Role.TRIAGE_OFFICER)) is (state in waits)


def test_what_nobody_holds_no_office_sees() -> None:
    """Not even an officer of an office without a name."""
    assert not domain.may_see(CASE, principal(Role.OFFICER, "x", "web", ""))


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 4001])
def test_words_have_a_length(text: str) -> None:
    """Between 1 and 4,000 characters, not all of them blank."""
    with pytest.raises(TextLengthError) as refusal:
        Words(text=text)

    assert refusal.value.field == "text"


@pytest.mark.parametrize("text", ["x", "x" * 4000, "бір\nекі\tүш\r\n", "👪"])
def test_words_of_that_length_are_taken_as_they_are(text: str) -> None:
    """Line breaks and every script are welcome."""
    assert Words(text=text).text == text


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\x0b"])
def test_words_hold_no_control_characters(sign: str) -> None:
    """Neither the text nor the contact."""
    for given in ({"text": f"a{sign}"}, {"text": "a", "contact": f"a{sign}"}):
        with pytest.raises(InvalidError):
            Words(**given)


@pytest.mark.parametrize("request_id", ["", "a b", "ключ", "x" * 129, "k1\n", "a\x7f"])
def test_a_request_id_is_printable_ascii(request_id: str) -> None:
    """1 to 128 characters without spaces."""
    with pytest.raises(InvalidError):
        domain.check_request_id(request_id)


@pytest.mark.parametrize("request_id", ["1", "~" * 128, "a1b2-c3:d4/e5!"])
def test_other_request_ids_are_taken(request_id: str) -> None:
    """Whatever a caller's own scheme is."""
    domain.check_request_id(request_id)


@pytest.mark.parametrize("region", ["7", "750", "ab", "75\n", "٧٥", " 75"])
def test_a_region_is_two_digits(region: str) -> None:
    """Plain digits only, since offices are named after it."""
    with pytest.raises(InvalidError) as refusal:
        domain.check_region(region)

    assert refusal.value.field == "region"


@pytest.mark.parametrize("region", ["", "00", "75"])
def test_a_region_may_be_left_out(region: str) -> None:
    """Two digits, or none."""
    domain.check_region(region)


@pytest.mark.parametrize("value", [CASE, TO_MIA, domain.submit(CASE, "k"), Words(text="x")])
def test_the_nouns_do_not_change(value: Any) -> None:
    """A change is a new value; nobody's case changes under their hands."""
    with pytest.raises(AttributeError):
        setattr(value, fields(value)[0].name, "x")

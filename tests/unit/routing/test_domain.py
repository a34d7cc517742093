"""How is decided: the rules as tables."""

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.errors import ServiceError, VersionConflictError
from services.routing import domain
from services.routing.domain import (
    Actor,
    Alternative,
    Case,
    Catalogue,
    Channel,
    Choice,
    Classification,
    Decision,
    Facts,
    Language,
    LocalizedText,
    OffSwitch,
    Outcome,
    Policy,
    PolicyError,
    Service,
    State,
    Thresholds,
)

TITLE = LocalizedText("kk", "ru", "en")
CATALOGUE = Catalogue.of(
    "c1",
    [
        Service("identity.passport", TITLE, "MIA", Channel.IN_PERSON),
        Service("identity.id-card", TITLE, "MIA", Channel.ONLINE),
        Service("social.pension", TITLE, "MTSZN", Channel.ONLINE),
        Service("housing.queue", TITLE, "AKIMAT", Channel.ONLINE, regional=True),
    ],
    ["75", "10"],
)
OPEN = Policy(version="p1")
ALMATY = Facts(region="75")


def seen(out_of_scope: float = 0.0, language: Language = Language.RU, **said: float) -> Any:
    """Return what a model says: services by the second part of their ids."""
    ids = {one.partition(".")[2].replace("-", "_"): one for one in CATALOGUE.services}
    return Classification(
        language=language,
        suggestions=tuple(Alternative(ids.get(name, name), p) for name, p in said.items()),
        out_of_scope_probability=out_of_scope,
        model="m1",
        route_threshold=0.8,
        confirm_threshold=0.3,
    )


def returned(*offices: str) -> Facts:
    """Return the facts of a case that offices returned."""
    return Facts(region="75", returned_by=offices)


def stricter(**changed: Any) -> Policy:
    """Return a policy that differs from the open one."""
    return replace(OPEN, **changed)


DECISIONS = [
    ("sure", seen(passport=0.9), ALMATY, OPEN, "route", "CONFIDENT"),
    ("at the threshold", seen(passport=0.8), ALMATY, OPEN, "route", "CONFIDENT"),
    ("under the threshold", seen(passport=0.79), ALMATY, OPEN, "confirm", "UNSURE"),
    ("may be confirmed", seen(passport=0.3), ALMATY, OPEN, "confirm", "UNSURE"),
    ("too unsure", seen(passport=0.29), ALMATY, OPEN, "triage", "TOO_UNSURE"),
    ("nothing said", seen(), ALMATY, OPEN, "triage", "TOO_UNSURE"),
    ("no number", seen(passport=float("nan")), ALMATY, OPEN, "triage", "TOO_UNSURE"),
    ("no service", seen(0.6, passport=0.4), ALMATY, OPEN, "out-of-scope", "OUT_OF_SCOPE"),
    ("hardly no service", seen(0.2, passport=0.1), ALMATY, OPEN, "triage", "TOO_UNSURE"),
    ("a service rather", seen(0.4, passport=0.5), ALMATY, OPEN, "confirm", "UNSURE"),
    ("regional", seen(queue=0.9), ALMATY, OPEN, "route", "CONFIDENT"),
    ("no region", seen(queue=0.9), Facts(), OPEN, "confirm", "REGION_REQUIRED"),
    ("odd region", seen(queue=0.9), Facts(region="99"), OPEN, "confirm", "UNKNOWN_REGION"),
    ("unknown", seen(gone=0.9), ALMATY, OPEN, "triage", "UNKNOWN_SERVICE"),
    ("next best", seen(gone=0.5, passport=0.4), ALMATY, OPEN, "confirm", "UNSURE"),
    ("came back", seen(passport=0.9), returned("MIA"), OPEN, "triage", "RETURNED_BY_OFFICE"),
    ("twice", seen(pension=0.9), returned("MIA", "MCA"), OPEN, "triage", "HOP_CAP"),
    ("other akimat", seen(queue=0.9), returned("akimat-10"), OPEN, "route", "CONFIDENT"),
    (
        "what moved up is confirmed",
        seen(passport=0.9, pension=0.85),
        returned("MIA"),
        OPEN,
        "confirm",
        "UNSURE",
    ),
    (
        "likelier than not among the offers",
        seen(passport=0.3, pension=0.2),
        ALMATY,
        stricter(least_chance=0.5),
        "confirm",
        "UNSURE",
    ),
    (
        "likelier than not something else",
        seen(passport=0.3, pension=0.19),
        ALMATY,
        stricter(least_chance=0.5),
        "triage",
        "TOO_UNSURE",
    ),
    (
        "only so many are offered",
        seen(passport=0.3, pension=0.2),
        ALMATY,
        stricter(least_chance=0.5, offers=1),
        "triage",
        "TOO_UNSURE",
    ),
    (
        "what an office returned rules itself out",
        seen(passport=0.4, pension=0.35),
        returned("MIA"),
        stricter(least_chance=0.5),
        "confirm",
        "UNSURE",
    ),
    (
        "sure, whatever the offers",
        seen(passport=0.8),
        ALMATY,
        stricter(least_chance=0.95),
        "route",
        "CONFIDENT",
    ),
    (
        "a person always",
        seen(passport=0.9),
        ALMATY,
        stricter(needs_human=frozenset({"identity.passport"})),
        "triage",
        "NEEDS_HUMAN",
    ),
    (
        "service off",
        seen(passport=0.9),
        ALMATY,
        stricter(off=OffSwitch(services=frozenset({"identity.passport"}))),
        "triage",
        "OFF_SWITCH",
    ),
    (
        "language off",
        seen(passport=0.9, language=Language.KK),
        ALMATY,
        stricter(off=OffSwitch(languages=frozenset({Language.KK}))),
        "triage",
        "OFF_SWITCH",
    ),
    (
        "stricter policy",
        seen(passport=0.9),
        ALMATY,
        stricter(thresholds={Language.RU: Thresholds(route=0.95)}),
        "confirm",
        "UNSURE",
    ),
    (
        "laxer policy",
        seen(passport=0.7),
        ALMATY,
        stricter(thresholds={Language.RU: Thresholds(route=0.5)}),
        "confirm",
        "UNSURE",
    ),
    (
        "stricter question",
        seen(passport=0.85),
        ALMATY,
        stricter(thresholds={Language.RU: Thresholds(confirm=0.9)}),
        "triage",
        "TOO_UNSURE",
    ),
]


@pytest.mark.parametrize(
    ("said", "facts", "policy", "outcome", "reason"),
    [row[1:] for row in DECISIONS],
    ids=[row[0] for row in DECISIONS],
)
def test_a_model_s_word_becomes(
    said: Classification, facts: Facts, policy: Policy, outcome: str, reason: str
) -> None:
    """Each row is a rule: what was said, what is known, and what follows."""
    decision = domain.decide(said, facts, CATALOGUE, policy)

    assert (decision.outcome, decision.reason_code) == (outcome, reason)


def test_a_model_without_a_threshold_routes_nothing() -> None:
    """A threshold that was never set is no permission."""
    said = replace(seen(passport=1.0), route_threshold=0.0)

    decision = domain.decide(said, ALMATY, CATALOGUE, OPEN)

    assert decision.outcome is Outcome.CONFIRM


def test_an_office_is_named_only_where_a_case_is_routed() -> None:
    """A question to the citizen names a candidate and no office."""
    decision = domain.decide(seen(passport=0.5), ALMATY, CATALOGUE, OPEN)

    assert (decision.service_id, decision.office) == ("identity.passport", "")


@pytest.mark.parametrize(
    ("said", "region", "office"),
    [
        (seen(passport=0.9), "", "MIA"),
        (seen(passport=0.9), "75", "MIA"),
        (seen(queue=0.9), "75", "akimat-75"),
        (seen(queue=0.9), "10", "akimat-10"),
    ],
)
def test_the_office_is_the_agency_or_its_office_in_the_region(
    said: Classification, region: str, office: str
) -> None:
    """A ministry handles its services for every region; an akimat does in its own."""
    assert domain.decide(said, Facts(region=region), CATALOGUE, OPEN).office == office


def test_a_citizen_is_offered_no_more_than_the_policy_allows() -> None:
    """The best candidates come first and the others are left out."""
    said = seen(passport=0.5, pension=0.3, queue=0.1)

    decision = domain.decide(said, ALMATY, CATALOGUE, stricter(offers=2))

    offered = [one.service_id for one in decision.alternatives]
    assert offered == ["identity.passport", "social.pension"]


def test_a_policy_that_names_an_unknown_service_is_refused() -> None:
    """A slip in an id would guard nothing, so it stops the start."""
    policy = stricter(needs_human=frozenset({"identity.pasport"}))

    with pytest.raises(PolicyError, match=r"identity\.pasport"):
        policy.check(CATALOGUE)


def case(**changed: Any) -> Case:
    """Return a case whose citizen is asked, changed as told."""
    offered = (Alternative("identity.passport", 0.5), Alternative("housing.queue", 0.3))
    asked = Decision(
        outcome=Outcome.CONFIRM,
        actor=Actor.MODEL,
        reason_code="UNSURE",
        alternatives=offered,
        language=Language.KK,
    )
    values = {"id": "c", "state": State.CONFIRMATION_REQUESTED, "version": 2, "decision": asked}
    return Case(**(values | changed))


def choice(service_id: str = "identity.passport", **changed: Any) -> Choice:
    """Return a choice of a service."""
    return Choice(case_id="c", request_id="r", service_id=service_id, **changed)


CHOICES = [
    ("offered", choice(), case(), OPEN, "route", "CONFIRMED"),
    ("a person", choice(""), case(), OPEN, "triage", "ASKED_FOR_PERSON"),
    ("with a region", choice("housing.queue", region="75"), case(), OPEN, "route", "CONFIRMED"),
    ("region known", choice("housing.queue"), case(region="10"), OPEN, "route", "CONFIRMED"),
    ("came back", choice(), case(returned_by=("MIA",)), OPEN, "triage", "RETURNED_BY_OFFICE"),
    ("came back twice", choice(), case(returned_by=("A", "B")), OPEN, "triage", "HOP_CAP"),
    (
        "a person always",
        choice(),
        case(),
        stricter(needs_human=frozenset({"identity.passport"})),
        "triage",
        "NEEDS_HUMAN",
    ),
    (
        "language off",
        choice(),
        case(),
        stricter(off=OffSwitch(languages=frozenset({Language.KK}))),
        "triage",
        "OFF_SWITCH",
    ),
]


@pytest.mark.parametrize(
    ("chosen", "of", "policy", "outcome", "reason"),
    [row[1:] for row in CHOICES],
    ids=[row[0] for row in CHOICES],
)
def test_a_citizen_s_choice_becomes(
    chosen: Choice, of: Case, policy: Policy, outcome: str, reason: str
) -> None:
    """The policy that holds for models holds for citizens."""
    decision = domain.confirm(of, chosen, CATALOGUE, policy)

    assert (decision.outcome, decision.reason_code) == (outcome, reason)


def test_a_citizen_s_choice_of_a_service_that_is_gone_goes_to_a_person() -> None:
    """The register may change between question and answer."""
    without = Catalogue.of("c2", [], ["75"])

    decision = domain.confirm(case(), choice(), without, OPEN)

    assert (decision.outcome, decision.reason_code) == (Outcome.TRIAGE, "UNKNOWN_SERVICE")


REFUSED_CHOICES = [
    ("not offered", choice("social.pension"), case(), "NOT_OFFERED"),
    ("no region", choice("housing.queue"), case(), "REGION_REQUIRED"),
    ("odd region", choice(region="99"), case(), "UNKNOWN_REGION"),
    ("not asked", choice(), case(state=State.TRIAGED), "STATE_CONFLICT"),
    ("seen before", choice(expected_version=1), case(), "VERSION_CONFLICT"),
]


@pytest.mark.parametrize(
    ("chosen", "of", "reason"),
    [row[1:] for row in REFUSED_CHOICES],
    ids=[row[0] for row in REFUSED_CHOICES],
)
def test_a_citizen_s_choice_is_refused(chosen: Choice, of: Case, reason: str) -> None:
    """The citizen learns what to change."""
    with pytest.raises(ServiceError) as refusal:
        domain.confirm(of, chosen, CATALOGUE, OPEN)

    assert refusal.value.reason == reason


TRIAGED = case(state=State.TRIAGED)
STRICT = stricter(
    needs_human=frozenset({"identity.passport"}), off=OffSwitch(everything=True), hop_cap=0
)


def test_an_officer_may_choose_any_service() -> None:
    """What a model never thought of is open to a person."""
    decision = domain.assign(TRIAGED, choice("social.pension"), CATALOGUE, OPEN)

    assert (decision.office, decision.actor) == ("MTSZN", Actor.TRIAGE_OFFICER)


def test_the_policy_defers_to_a_triage_officer() -> None:
    """Switches and caps hand cases to a person; they do not bind that person."""
    decision = domain.assign(TRIAGED, choice(), CATALOGUE, STRICT)

    assert (decision.outcome, decision.reason_code) == (Outcome.ROUTE, "ASSIGNED")


def test_an_officer_says_that_no_service_handles_it() -> None:
    """No service at all is an answer too."""
    decision = domain.assign(TRIAGED, choice(""), CATALOGUE, OPEN)

    assert decision.outcome is Outcome.OUT_OF_SCOPE


REFUSED_ASSIGNMENTS = [
    ("came back", choice(), case(returned_by=("MIA",)), "RETURNED_BY_OFFICE"),
    ("unknown", choice("identity.pasport"), TRIAGED, "UNKNOWN_SERVICE"),
    ("no region", choice("housing.queue"), TRIAGED, "REGION_REQUIRED"),
    ("an office has it", choice(), case(state=State.ROUTED), "STATE_CONFLICT"),
]


@pytest.mark.parametrize(
    ("chosen", "of", "reason"),
    [row[1:] for row in REFUSED_ASSIGNMENTS],
    ids=[row[0] for row in REFUSED_ASSIGNMENTS],
)
def test_an_officer_s_choice_is_refused(chosen: Choice, of: Case, reason: str) -> None:
    """Not even a person sends a case where it was returned, or nowhere."""
    with pytest.raises(ServiceError) as refusal:
        domain.assign(of, chosen, CATALOGUE, OPEN)

    assert refusal.value.reason == reason


def test_a_choice_on_the_version_seen_stands() -> None:
    """Naming the version that holds now is no obstacle."""
    decision = domain.assign(TRIAGED, choice(expected_version=2), CATALOGUE, OPEN)

    assert decision.outcome is Outcome.ROUTE


def test_an_officer_who_saw_another_version_is_told() -> None:
    """Two officers at one case do not undo each other."""
    with pytest.raises(VersionConflictError):
        domain.assign(TRIAGED, choice(expected_version=1), CATALOGUE, OPEN)


@pytest.mark.parametrize(("named", "term"), [(0, 15), (5, 5)])
def test_a_routed_case_has_its_service_s_term(named: int, term: int) -> None:
    """The register's own, or else the policy's, whoever decides; a question has none."""
    pension = Service("social.pension", TITLE, "MTSZN", Channel.ONLINE, term_days=named)
    register = Catalogue.of("c2", [pension], ["75"])
    by_officer = Choice(service_id="social.pension")
    waiting = case(state=State.TRIAGED)

    routed = domain.decide(seen(pension=0.9), ALMATY, register, OPEN)
    asked = domain.decide(seen(pension=0.5), ALMATY, register, OPEN)
    assigned = domain.assign(waiting, by_officer, register, OPEN)
    suggested = domain.decide(
        seen(), replace(ALMATY, suggested_service_id="social.pension"), register, OPEN
    )

    assert (routed.term_days, asked.term_days) == (term, 0)
    assert assigned.term_days == suggested.term_days == term


MERGED = replace(CATALOGUE, successors={"identity.old": "identity.passport"})


def test_what_a_model_says_of_an_id_that_stopped_counts_for_its_successor() -> None:
    """A model of before a merger goes on: two halves of one service are one answer."""
    said = seen(**{"identity.old": 0.5, "passport": 0.4, "id_card": 0.1})

    made = domain.decide(said, Facts(), MERGED, OPEN)

    assert (made.outcome, made.service_id) == (Outcome.ROUTE, "identity.passport")
    assert made.probability == pytest.approx(0.9)


def test_a_rule_for_an_id_that_stopped_holds_its_successor() -> None:
    """A merger takes no case away from people."""
    guarded = replace(OPEN, needs_human=frozenset({"identity.old"}))
    guarded.check(MERGED)

    made = domain.decide(seen(passport=0.9), Facts(), MERGED, guarded)

    assert made.outcome is Outcome.TRIAGE


def test_an_office_may_suggest_an_id_that_stopped() -> None:
    """It leads to the service of today."""
    facts = Facts(returned_by=("MTSZN",), suggested_service_id="identity.old")

    made = domain.decide(seen(pension=0.9), facts, MERGED, OPEN)

    assert (made.outcome, made.service_id) == (Outcome.ROUTE, "identity.passport")

"""The bus door: what becomes of cases that wait for a decision."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.routing.clients.cases import CasesClient
from services.routing.ports import Result, Wanted
from tests.unit.routing.model import MODEL
from tests.unit.routing.world import CITIZEN, SERVICE, TOPIC, World, eventually, world_in


def test_a_confident_answer_sends_the_case_to_the_office(world: World) -> None:
    """The office of the likeliest service holds the case, with the channel of today."""
    case = world.submit_decided("identity.passport=0.95")

    assert (case.state, case.office) == (pb.STATE_ROUTED, "MIA")
    assert case.channel == catalog_pb2.CHANNEL_IN_PERSON


def test_a_decision_tells_by_what_it_was_made(world: World) -> None:
    """Model, register, policy, language, thresholds and alternatives stay with the case."""
    decision = world.submit_decided("identity.passport=0.95 social.pension=0.02 lang=kk").decision

    assert (decision.model, decision.language) == (MODEL, catalog_pb2.LANGUAGE_KK)
    assert len(decision.catalogue_version) == len(decision.policy_version) == 64
    assert [one.probability for one in decision.alternatives] == [0.95, 0.02]
    assert (decision.route_threshold, decision.reason_code) == (0.8, "CONFIDENT")


def test_a_regional_service_goes_to_the_office_of_the_region(world: World) -> None:
    """An akimat's service is handled where the citizen lives."""
    case = world.submit_decided("housing.queue=0.95", region="75")

    assert case.office == "akimat-75"


def test_a_regional_service_without_a_region_asks_the_citizen(world: World) -> None:
    """The citizen is asked for the region instead of being sent to any akimat."""
    case = world.submit_decided("housing.queue=0.95")

    assert case.state == pb.STATE_CONFIRMATION_REQUESTED
    assert case.decision.reason_code == "REGION_REQUIRED"


def test_a_clock_that_rings_while_a_case_is_decided_does_not_leave_it_undecided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision was on a version that is no more, and nobody else made one: it is made anew."""
    record, calls = CasesClient.record, iter(range(100))

    def late(self: CasesClient, wanted: Sequence[Wanted]) -> Sequence[Result]:
        if next(calls) == 0:
            (one,) = wanted
            clock = {"clock": pb.CLOCK_PASS_ON, "level": 1, "request_id": "rings-1"}
            world.tell("RecordOverdue", SERVICE, cases=[{"case_id": one.case_id, **clock}])
        return record(self, wanted)

    monkeypatch.setattr(CasesClient, "record", late)

    case = world.submit_decided("identity.passport=0.95")

    assert (case.state, case.office) == (pb.STATE_ROUTED, "MIA")
    assert case.version == 3


def test_many_cases_are_decided_in_few_calls(world: World) -> None:
    """What gathered while the model was away goes to it in one batch, not one by one."""
    world.model.is_away = True
    cases = [world.submit("identity.passport=0.95") for _ in range(20)]
    eventually(lambda: world.model.calls > 0)
    world.model.calls, world.model.is_away = 0, False

    offices = {world.decided(case).office for case in cases}

    assert offices == {"MIA"}
    assert world.model.calls < len(cases)


def test_cases_wait_for_a_model_that_is_away_for_a_while(world: World) -> None:
    """An absence shorter than the bound delays a case and changes nothing else."""
    world.model.is_away = True
    case = world.submit("identity.passport=0.95")
    eventually(lambda: world.model.calls > 0)
    assert world.get(case).state == pb.STATE_SUBMITTED

    world.model.is_away = False

    assert world.decided(case).state == pb.STATE_ROUTED


def test_a_model_that_is_away_too_long_is_not_waited_for(world: World) -> None:
    """After the bound a person gets the case, and is told why."""
    world.model.is_away = True
    case = world.submit("identity.passport=0.95")
    eventually(lambda: world.model.calls > 0)

    world.clock.advance(61)

    decision = world.decided(case).decision
    assert (decision.outcome, decision.reason_code) == (pb.OUTCOME_TRIAGE, "MODEL_UNAVAILABLE")
    assert decision.actor == pb.ACTOR_KIND_SYSTEM


def test_who_asks_for_a_person_waits_for_no_model(world: World) -> None:
    """A person gets the case at once, though the model is away and was sure of it."""
    world.model.is_away = True
    name = {"request_id": "person-1", "text": "identity.passport=0.95"}
    case = world.tell("SubmitCase", CITIZEN, ask_person=True, **name).case

    decision = world.decided(case).decision
    assert (decision.outcome, decision.reason_code) == (pb.OUTCOME_TRIAGE, "ASKED_FOR_PERSON")
    assert decision.actor == pb.ACTOR_KIND_SYSTEM


def test_a_text_the_model_chokes_on_goes_to_a_person(world: World) -> None:
    """One bad text neither stops the others nor is lost."""
    world.model.is_away = True
    bad, good = world.submit("choke"), world.submit("identity.passport=0.95")
    eventually(lambda: world.model.calls > 0)
    world.model.is_away = False

    assert world.decided(good).state == pb.STATE_ROUTED
    assert world.decided(bad).decision.reason_code == "MODEL_UNAVAILABLE"


def test_a_poisoned_event_is_parked_and_the_rest_goes_on(world: World) -> None:
    """What is no event of ours is put aside; cases beside it are decided."""
    world.publish("poison", b"not an event")
    case = world.submit_decided("identity.passport=0.95")

    eventually(lambda: len(world.history(f"{TOPIC}.dlq")) == 1)

    assert case.state == pb.STATE_ROUTED


def test_an_event_of_an_unknown_case_is_parked(world: World) -> None:
    """An event whose case does not exist is an operator's affair."""
    world.submit_decided("identity.passport=0.95")
    headers = dict(world.history()[0].headers) | {"ce_id": "nobody:1", "ce_subject": "nobody"}
    value = b'{"case_id":"nobody","case_version":1,"event_time":"2026-03-02T09:00:00Z"}'

    world.publish("nobody", value, **headers)

    eventually(lambda: len(world.history(f"{TOPIC}.dlq")) == 1)
    assert world.history(f"{TOPIC}.dlq")[0].headers["dlq_error"] == "CASE_NOT_FOUND"


def test_events_that_come_again_change_nothing(world: World) -> None:
    """A case keeps its first decision however often its events are delivered."""
    case = world.submit_decided("identity.passport=0.95")
    eventually(lambda: len(world.history()) == 2)

    for record in world.history():
        world.publish(record.key, record.value or b"", **record.headers)
    world.submit_decided("identity.passport=0.95")

    assert world.get(case).version == case.version


def test_a_returned_case_does_not_go_back_to_the_office(world: World) -> None:
    """The citizen chooses among what is left when an office said that it is not theirs."""
    case = world.submit_decided("identity.passport=0.9 identity.id-card=0.85 social.pension=0.4")
    world.give_back(case, "MIA")

    again = world.decided(case)

    assert again.state == pb.STATE_CONFIRMATION_REQUESTED
    assert [one.service_id for one in again.decision.alternatives] == ["social.pension"]


def test_a_returned_case_with_nothing_left_goes_to_a_person(world: World) -> None:
    """Where the model knows no other office, a person decides and sees why."""
    case = world.submit_decided("identity.passport=0.95")
    world.give_back(case, "MIA")

    decision = world.decided(case).decision

    assert (decision.outcome, decision.reason_code) == (pb.OUTCOME_TRIAGE, "RETURNED_BY_OFFICE")


def test_after_two_returns_a_person_decides(world: World) -> None:
    """A case does not wander from office to office."""
    case = world.submit_decided("identity.passport=0.9 social.pension=0.5 housing.queue=0.4", "75")
    world.give_back(case, "MIA")
    world.confirm(world.decided(case), service_id="social.pension")
    world.give_back(case, "MTSZN")

    decision = world.decided(case).decision

    assert (decision.outcome, decision.reason_code) == (pb.OUTCOME_TRIAGE, "HOP_CAP")


def test_the_whole_off_switch_asks_no_model(tmp_path: Path) -> None:
    """Switched off, every case goes to a person and the model reads nothing."""
    policy = tmp_path / "policy.toml"
    policy.write_text("format = 1\n[off]\neverything = true\n")
    with world_in(tmp_path, policy=policy) as world:
        case = world.submit_decided("identity.passport=0.95")

        assert case.decision.reason_code == "OFF_SWITCH"
        assert world.model.calls == 0

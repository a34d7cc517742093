"""What a citizen chose before they sent a case, taken where the case is decided."""

import pytest

from qyzmet.cases.v1 import cases_pb2 as pb
from services.chassis.errors import UnavailableError
from services.routing.clients.cases import CasesClient
from tests.unit.routing.world import CITIZEN, World, eventually

UNSURE = "social.pension=0.5 identity.passport=0.3"
SURE = "social.pension=0.95 identity.passport=0.02"
HOUSING = "housing.queue=0.5 identity.passport=0.3"
ASKED = ("confirmation-requested", pb.ACTOR_KIND_MODEL, "UNSURE")
TAKEN = ("routed", pb.ACTOR_KIND_CITIZEN, "CONFIRMED")


def sent(world: World, text: str, chosen: str, region: str = "") -> pb.Case:
    fields = {"request_id": f"chosen-{next(world.count)}", "text": text, "region": region}
    return world.tell("SubmitCase", CITIZEN, service_id=chosen, **fields).case


def told(world: World, case: pb.Case, steps: int) -> list[tuple[str, int, str]]:
    """Wait until so many things happened since a case was sent, and tell of them."""
    eventually(lambda: len(world.get(case).timeline) == steps + 1)
    return [(one.type, one.actor, one.reason_code) for one in world.get(case).timeline[1:]]


def test_it_is_the_answer_where_a_citizen_would_be_asked(world: World) -> None:
    """The decision of the model stands before theirs, as if they had been there to choose."""
    case = sent(world, UNSURE, "identity.passport")

    assert told(world, case, 2) == [ASKED, TAKEN]
    assert world.get(case).office == "MIA"


def test_it_is_theirs_by_the_name_their_own_choices_have(world: World) -> None:
    """Whoever sent the case chose; in the record they go by the pseudonym of this case."""
    before, after = (sent(world, UNSURE, chosen) for chosen in ("identity.passport", ""))
    told(world, before, 2)
    eventually(lambda: world.get(after).state == pb.STATE_CONFIRMATION_REQUESTED)
    world.confirm(after, service_id="identity.passport")

    subjects = [world.get(case).decision.subject for case in (before, after)]

    assert [len(one) for one in subjects] == [32, 32]
    assert subjects[0] != subjects[1]


def test_it_may_come_long_before_the_model(world: World) -> None:
    """Nobody waits for it: it is with the case, however late that is decided."""
    world.model.is_away = True
    case = sent(world, UNSURE, "identity.passport")
    eventually(lambda: world.model.calls > 0)
    world.clock.advance(30)
    world.model.is_away = False

    assert told(world, case, 2) == [ASKED, TAKEN]


def test_what_is_not_offered_goes_to_a_person(world: World) -> None:
    """Neither the citizen's word nor the model's is taken for the other's."""
    case = sent(world, UNSURE, "identity.id-card")

    assert told(world, case, 2) == [
        ASKED,
        ("triaged", pb.ACTOR_KIND_CITIZEN, "ASKED_FOR_PERSON"),
    ]


def test_a_model_that_is_sure_of_it_too_needs_no_answer(world: World) -> None:
    """The case goes to its office by one decision."""
    case = sent(world, SURE, "social.pension")

    assert told(world, case, 1) == [("routed", pb.ACTOR_KIND_MODEL, "CONFIDENT")]


@pytest.mark.parametrize("chosen", ["identity.passport", "no.such-service"])
def test_a_model_that_is_sure_of_another_leaves_it_to_a_person(world: World, chosen: str) -> None:
    """Before any office has it; what the model thought best stays in the record."""
    case = sent(world, SURE, chosen)

    assert told(world, case, 1) == [("triaged", pb.ACTOR_KIND_MODEL, "CITIZEN_CHOSE_ANOTHER")]
    decision = world.get(case).decision
    assert (decision.service_id, decision.office, decision.term_days) == ("social.pension", "", 0)


def test_a_region_that_is_wanting_is_asked_for(world: World) -> None:
    """The service is known, and which akimat is not."""
    case = sent(world, HOUSING, "housing.queue")

    assert told(world, case, 1) == [ASKED]
    assert world.confirm(case, service_id="housing.queue", region="75").office == "akimat-75"


def test_the_region_that_was_sent_with_it_holds(world: World) -> None:
    """The akimat of the citizen's region gets the case."""
    case = sent(world, HOUSING, "housing.queue", "75")

    assert told(world, case, 2) == [ASKED, TAKEN]
    assert world.get(case).office == "akimat-75"


def test_it_holds_until_an_office_says_otherwise(world: World) -> None:
    """A case that came back is decided anew, and its citizen is asked anew."""
    case = sent(world, "identity.passport=0.5 social.pension=0.4", "identity.passport")
    told(world, case, 2)
    world.give_back(case, "MIA")

    assert told(world, case, 4)[2:] == [("returned", pb.ACTOR_KIND_OFFICER, "NOT_COMPETENT"), ASKED]


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut routing off from cases, once, between its question and the citizen's answer."""
    record, calls = CasesClient.record, iter(range(100))

    def once(self: CasesClient, wanted: object) -> object:
        if next(calls) == 1:
            raise UnavailableError
        return record(self, wanted)

    monkeypatch.setattr(CasesClient, "record", once)


@pytest.mark.usefixtures("cut_off")
def test_it_is_taken_though_routing_stops_in_between(world: World) -> None:
    """Whoever handles the event again takes up where it was left."""
    case = sent(world, UNSURE, "identity.passport")

    assert told(world, case, 2) == [ASKED, TAKEN]


def test_it_is_taken_once(world: World) -> None:
    """However often the event comes."""
    case = sent(world, UNSURE, "identity.passport")
    told(world, case, 2)
    first = world.history()[0]
    world.publish(first.key, first.value or b"", **first.headers)
    world.submit_decided(SURE)

    assert told(world, case, 2) == [ASKED, TAKEN]

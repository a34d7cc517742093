"""The gRPC door: suggestions, and people's choices."""

import pytest

from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2
from services.chassis.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    ServiceError,
    UnavailableError,
    VersionConflictError,
)
from tests.unit.routing.model import FIRE, MODEL
from tests.unit.routing.world import CITIZEN, STRANGER, TRIAGE, World

UNSURE = "identity.passport=0.5 social.pension=0.35"


def test_a_suggestion_tells_what_would_be_decided(world: World) -> None:
    """Anybody may ask before submitting, and sees by what the answer was made."""
    answer = world.ask("Suggest", None, text="identity.passport=0.95 lang=en")

    assert answer.outcome == cases_pb2.OUTCOME_ROUTE
    assert (answer.reason_code, answer.model) == ("CONFIDENT", MODEL)
    assert answer.language == catalog_pb2.LANGUAGE_EN
    assert len(answer.catalogue_version) == len(answer.policy_version) == 64


def test_a_suggestion_tells_whom_to_call_in_an_emergency(world: World) -> None:
    """At once, and beside what would be decided anyway."""
    answer = world.ask("Suggest", text="fire! identity.passport=0.95")

    assert answer.emergency == FIRE
    assert answer.reason_code == "CONFIDENT"


@pytest.mark.parametrize("explain", [True, False])
def test_a_suggestion_tells_why_where_it_is_asked(world: World, explain: bool) -> None:
    """Which words spoke for the best service; it takes longer, so nobody gets it unasked."""
    world.ask("Suggest", text=UNSURE, explain=explain)

    assert world.model.explained is explain


def test_what_spoke_for_a_service_is_told_by_its_place(world: World) -> None:
    """The words themselves stay with whoever wrote them."""
    answer = world.ask("Suggest", text=UNSURE, explain=True)

    assert answer.explanation.service_id == "identity.passport"
    assert [(word.start, word.end) for word in answer.explanation.words] == [(0, 3)]


def test_an_ordinary_suggestion_speaks_of_no_emergency(world: World) -> None:
    """Nobody is frightened for nothing."""
    assert not world.ask("Suggest", text=UNSURE).HasField("emergency")


def test_a_suggestion_names_services_as_the_register_does(world: World) -> None:
    """Title, channel and agency come along, best first."""
    best = world.ask("Suggest", text="social.pension=0.1 identity.passport=0.5").suggestions[0]

    assert (best.service_id, best.probability, best.agency) == ("identity.passport", 0.5, "MIA")
    assert best.title.kk == "identity.passport kk"
    assert best.channel == catalog_pb2.CHANNEL_IN_PERSON


def test_a_suggestion_tells_where_the_region_is_needed(world: World) -> None:
    """The page can ask for the region before the case is submitted."""
    answer = world.ask("Suggest", text="housing.queue=0.95")

    assert answer.reason_code == "REGION_REQUIRED"
    assert answer.suggestions[0].region_required


def test_a_suggestion_hides_personal_data_from_the_model(world: World) -> None:
    """The classifier reads a question as it would read the case."""
    world.ask("Suggest", text="aigerim@example.kz identity.passport=0.5")

    assert world.model.read == ["[EMAIL] identity.passport=0.5"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001], ids=["none", "blank", "long"])
def test_a_text_of_a_wrong_length_is_refused(world: World, text: str) -> None:
    """The caller learns the bounds as a constant."""
    with pytest.raises(InvalidError) as refusal:
        world.ask("Suggest", text=text)

    assert (refusal.value.reason, refusal.value.field) == ("TEXT_LENGTH", "text")


def test_a_text_that_masks_make_longer_is_still_read(world: World) -> None:
    """A text of short addresses grows over the classifier's bound and is cut, not refused."""
    world.ask("Suggest", text="identity.passport=0.5 " + "a@b.kz " * 560)

    assert len(world.model.read[0]) == 4000


def test_without_a_model_there_is_no_suggestion(world: World) -> None:
    """An absent model is told as such, never as an answer."""
    world.model.is_away = True

    with pytest.raises(UnavailableError):
        world.ask("Suggest", text=UNSURE)


def test_a_citizen_s_choice_routes_the_case(world: World) -> None:
    """The office of the chosen service gets the case, decided by the citizen."""
    asked = world.submit_decided(UNSURE)

    case = world.confirm(asked, service_id="social.pension")

    assert (case.state, case.office) == (cases_pb2.STATE_ROUTED, "MTSZN")
    assert case.decision.actor == cases_pb2.ACTOR_KIND_CITIZEN


def test_the_answer_to_a_choice_is_the_case_as_it_is_kept(world: World) -> None:
    """Nothing of the case is lost on its way through routing."""
    answered = world.confirm(world.submit_decided(UNSURE), service_id="social.pension")

    kept = world.get(answered)

    kept.ClearField("timeline")
    assert answered == kept


def test_a_choice_may_bring_the_region(world: World) -> None:
    """The citizen answers the question that held the case up."""
    asked = world.submit_decided("housing.queue=0.95")

    case = world.confirm(asked, service_id="housing.queue", region="10")

    assert (case.office, case.region) == ("akimat-10", "10")


def test_a_citizen_may_ask_for_a_person(world: World) -> None:
    """None of the services offered is an answer that a person takes up."""
    case = world.confirm(world.submit_decided(UNSURE))

    assert case.state == cases_pb2.STATE_TRIAGED
    assert case.decision.reason_code == "ASKED_FOR_PERSON"


def test_a_service_that_was_not_offered_is_refused(world: World) -> None:
    """A citizen chooses among what was offered."""
    asked = world.submit_decided(UNSURE)

    with pytest.raises(InvalidError) as refusal:
        world.confirm(asked, service_id="housing.queue")

    assert (refusal.value.reason, refusal.value.field) == ("NOT_OFFERED", "service_id")


def test_another_s_case_does_not_exist(world: World) -> None:
    """A stranger is not even told that there is such a case."""
    asked = world.submit_decided(UNSURE)

    with pytest.raises(NotFoundError):
        world.confirm(asked, STRANGER, service_id="social.pension")


def test_a_choice_that_is_repeated_gets_its_case(world: World) -> None:
    """A citizen whose answer was lost may ask again, though the case has moved on."""
    asked = world.submit_decided(UNSURE)
    first = world.confirm(asked, service_id="social.pension", expected_version=asked.version)

    again = world.confirm(asked, service_id="social.pension", expected_version=asked.version)

    assert again == first


@pytest.mark.parametrize("other", [{"service_id": "identity.passport"}, {"service_id": ""}])
def test_another_choice_by_the_same_name_is_refused(world: World, other: dict[str, str]) -> None:
    """It is no repetition: who believed that it was would take it for done."""
    asked = world.submit_decided(UNSURE)
    first = world.confirm(asked, service_id="social.pension")

    with pytest.raises(IdempotencyKeyReusedError):
        world.confirm(asked, **other)
    assert world.get(asked).version == first.version


def test_another_assignment_by_the_same_name_is_refused(world: World) -> None:
    """Of two officers' different choices none passes for the other, nor a citizen's for theirs."""
    triaged = world.submit_decided("identity.passport=0.1")
    world.assign(triaged, service_id="social.pension")

    with pytest.raises(IdempotencyKeyReusedError):
        world.assign(triaged, service_id="identity.passport")
    with pytest.raises(IdempotencyKeyReusedError):
        world.confirm(triaged, service_id="social.pension")


def test_a_second_choice_is_refused(world: World) -> None:
    """Another choice after the first is not a repetition of it."""
    asked = world.submit_decided(UNSURE)
    world.confirm(asked, service_id="social.pension")

    with pytest.raises(ConflictError):
        world.confirm(asked, service_id="identity.passport", request_id="choice-2")


def test_a_choice_on_an_old_version_is_refused(world: World) -> None:
    """Who saw something else decides anew."""
    asked = world.submit_decided(UNSURE)

    with pytest.raises(VersionConflictError):
        world.confirm(asked, service_id="social.pension", expected_version=1)


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, "routing:2"])
def test_a_request_id_that_cannot_be_is_refused(world: World, name: str) -> None:
    """Names are printable, bounded, and never pass for our own."""
    asked = world.submit_decided(UNSURE)

    with pytest.raises(InvalidError) as refusal:
        world.confirm(asked, request_id=name)

    assert refusal.value.field == "request_id"


def test_an_officer_assigns_a_triaged_case(world: World) -> None:
    """A person's choice among all services routes the case."""
    triaged = world.submit_decided("identity.passport=0.1")

    case = world.assign(triaged, service_id="housing.queue", region="75")

    assert (case.office, case.decision.reason_code) == ("akimat-75", "ASSIGNED")


def test_an_officer_ends_a_case_that_no_service_handles(world: World) -> None:
    """The word that nothing fits completes the case, and says why."""
    triaged = world.submit_decided("oos=0.9")

    case = world.assign(triaged)

    assert (triaged.state, case.state) == (cases_pb2.STATE_TRIAGED, cases_pb2.STATE_COMPLETED)
    assert case.decision.reason_code == "OUT_OF_SCOPE"


def test_an_assignment_that_is_repeated_gets_its_case(world: World) -> None:
    """An officer's lost answer is answered again."""
    triaged = world.submit_decided("identity.passport=0.1")
    first = world.assign(triaged, service_id="social.pension")

    assert world.assign(triaged, service_id="social.pension") == first


def test_an_officer_may_not_send_a_case_where_it_was_returned(world: World) -> None:
    """Never back to an office that returned it holds for people too."""
    case = world.submit_decided("identity.passport=0.95")
    world.give_back(case, "MIA")

    with pytest.raises(ServiceError) as refusal:
        world.assign(world.decided(case), service_id="identity.id-card")

    assert refusal.value.reason == "RETURNED_BY_OFFICE"


def test_a_citizen_may_not_assign(world: World) -> None:
    """Choosing among all services is a triage officer's affair."""
    triaged = world.submit_decided("identity.passport=0.1")

    with pytest.raises(ForbiddenError):
        world.ask("AssignCase", CITIZEN, case_id=triaged.id, request_id="r")


def test_a_model_s_decision_is_kept_with_its_grounds(world: World) -> None:
    """The classifier is asked why, and the places and weights of words go along."""
    case = world.submit_decided("identity.passport=0.95")

    assert world.model.explained
    assert case.decision.explanation.service_id == "identity.passport"
    assert [(word.end, word.weight) for word in case.decision.explanation.words] == [(3, 0.5)]


def test_what_is_watched_for_drift_goes_along(world: World) -> None:
    """How long the text is and how much of it the model never saw; no word of it."""
    case = world.submit_decided("identity.passport=0.95")

    assert (case.decision.text_length, case.decision.unknown_share) == (22, 0.25)


def test_suggestions_are_told_without_grounds(world: World) -> None:
    """Nobody waits for what nobody reads."""
    world.ask("Suggest", text="identity.passport=0.95")

    assert not world.model.explained


def test_a_person_s_decision_tells_which_person_by_a_pseudonym(world: World) -> None:
    """The decision tells officers apart, and names none."""
    triaged = world.submit_decided("identity.passport=0.1")

    decision = world.assign(triaged, service_id="social.pension").decision

    assert decision.subject
    assert TRIAGE.subject not in str(decision)
    assert not decision.HasField("explanation")

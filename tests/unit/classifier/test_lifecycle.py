"""Specifies how another model goes live: one person proposes, another approves, past the gate.

And how one person lets a model look on before, and no more.
"""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from classifier import artifact, proposals
from classifier.artifact import ModelRefusedError, layout
from classifier.domain import NoModelError
from classifier.gate import Fault, FaultKind
from classifier.lifecycle import Lifecycle, SamePersonError
from classifier.proposals import Kind, State, Trial
from classifier.trained import Trained
from classifier.watch import Register
from services.chassis.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    InvalidError,
    NotFoundError,
    ServiceError,
    VersionConflictError,
)
from tests.unit.classifier.life import NOW, Home, home_at, now, wish


@pytest.fixture
def home(trained: Trained, folder: Path) -> Home:
    """Store a second model beside the live one."""
    artifact.publish(folder.parent, folder.name)
    other = replace(trained, facts={**trained.facts, "seed": 8})
    return home_at(folder, artifact.save(other, folder.parent))


def approve(home: Home, by: str = "Marat") -> None:
    """Let the second model go live, by two people."""
    home.life.approve(home.tried().id, wish(by))


def test_a_proposed_model_is_not_live(home: Home) -> None:
    """It waits, with who proposed it, when and why."""
    proposal = home.propose()

    assert (home.live, home.log.open) == (home.first, proposal)
    assert (proposal.kind, proposal.model, proposal.live) == (
        Kind.PROMOTION,
        home.second,
        home.first,
    )
    told = proposal.proposed
    assert (told.subject, told.time, told.reason) == ("Aigul", NOW, "It is better.")


def test_another_person_lets_it_go_live(home: Home) -> None:
    """The history tells both names, which proposal it was, and why."""
    proposal = home.life.approve(home.tried().id, wish("Marat", reason="I read it all."))

    assert (home.live, proposal.state) == (home.second, State.APPROVED)
    assert proposal.settled is not None
    assert (proposal.settled.subject, proposal.settled.reason) == ("Marat", "I read it all.")
    last = artifact.history(home.path)[-1]
    assert last["by"] == ["Aigul", "Marat"]
    assert (last["why"], last["proposal"], last["model"]) == ("promoted", "1", home.second)


def test_who_proposed_it_cannot_approve_it(home: Home) -> None:
    """However often; the live model stays."""
    proposal = home.tried()

    with pytest.raises(SamePersonError):
        home.life.approve(proposal.id, wish("Aigul", "another key"))
    assert (home.live, home.log.open) == (home.first, proposal)


def test_nobody_approves_what_the_gate_has_not_seen(home: Home) -> None:
    """They come again when it answered."""
    proposal = home.propose()

    with pytest.raises(ConflictError) as refusal:
        home.life.approve(proposal.id, wish("Marat"))
    assert (refusal.value.reason, home.live) == ("NOT_TRIED", home.first)


@pytest.mark.parametrize(
    "trial",
    [
        Trial(NOW, faults=[Fault(FaultKind.LANGUAGE, "kk", 0.9, 0.7)]),
        Trial(NOW, failure="UNKNOWN_LABEL"),
    ],
)
def test_nobody_approves_what_the_gate_refuses(home: Home, trial: Trial) -> None:
    """Nor what it could not answer."""
    proposal = home.propose()
    home.try_(proposal, trial)

    with pytest.raises(ConflictError) as refusal:
        home.life.approve(proposal.id, wish("Marat"))
    assert (refusal.value.reason, home.live) == ("GATE", home.first)


@pytest.mark.parametrize("by", ["Marat", "Aigul"])
def test_anybody_of_them_refuses_it(home: Home, by: str) -> None:
    """Also who proposed it; it is over then."""
    id_ = home.tried().id
    proposal = home.life.refuse(id_, wish(by, "refusal", reason="Too soon."))

    assert (home.live, proposal.state, home.log.open) == (home.first, State.REFUSED, None)
    assert proposal.settled is not None
    assert (proposal.settled.subject, proposal.settled.reason) == (by, "Too soon.")
    with pytest.raises(ConflictError) as refusal:
        home.life.approve(id_, wish("Dana"))
    assert refusal.value.reason == "PROPOSAL_SETTLED"


def test_one_proposal_waits_at_a_time(home: Home) -> None:
    """The next is made when it is answered."""
    first = home.propose()

    with pytest.raises(ConflictError) as refusal:
        home.propose("Dana")
    assert refusal.value.reason == "PROPOSAL_OPEN"
    home.life.refuse(first.id, wish("Marat"))
    assert home.propose("Dana").id == "2"


def test_a_command_overtakes_a_proposal(home: Home, trained: Trained) -> None:
    """What was tried beside another live model is not approved; another can be proposed."""
    proposal = home.tried()
    third = artifact.save(replace(trained, facts={**trained.facts, "seed": 9}), home.path)
    artifact.publish(home.path, third, by=["A", "B"], why="promoted")

    with pytest.raises(ConflictError) as refusal:
        home.life.approve(proposal.id, wish("Marat"))
    assert (refusal.value.reason, home.live) == ("LIVE_CHANGED", third)
    assert home.log.proposals[proposal.id].state is State.OVERTAKEN
    assert home.propose("Dana").live == third


def test_who_saw_an_older_state_is_told_so(home: Home) -> None:
    """The version grows with what people do, by pages or commands, not with the gate's answer."""
    seen = home.log.version
    proposal = home.propose(version=seen)
    proposed = home.log.version
    home.try_(proposal)

    assert home.log.version == proposed > seen
    with pytest.raises(VersionConflictError):
        home.life.approve(proposal.id, wish("Marat", version=seen))
    artifact.publish(home.path, home.first)
    assert home.log.version > proposed


def test_a_repetition_changes_nothing_more(home: Home) -> None:
    """The same request by the same person gets the first answer, also with the version it saw."""
    seen = home.log.version
    assert home.propose(version=seen) == home.propose(version=seen)
    home.try_(home.log.proposals["1"])
    first = home.life.approve("1", wish("Marat", version=seen + 1))

    assert home.life.approve("1", wish("Marat", version=seen + 1)) == first
    assert len(home.log.proposals) == 1
    assert len(artifact.history(home.path)) == 2


def test_a_refusal_is_repeated_too(home: Home) -> None:
    """It is written down once."""
    first = home.life.refuse(home.propose().id, wish("Marat"))
    before = (home.path / proposals.FILE).read_bytes()

    assert home.life.refuse("1", wish("Marat")) == first
    assert (home.path / proposals.FILE).read_bytes() == before


def test_a_key_names_one_wish(home: Home) -> None:
    """Another wish under the same key is refused, by the same person; others have their own."""
    home.tried()
    for other in (
        lambda: home.life.propose(Kind.ROLLBACK, "", wish("Aigul")),
        lambda: home.life.refuse("1", wish("Aigul")),
        lambda: home.life.approve("1", wish("Aigul")),
    ):
        with pytest.raises(IdempotencyKeyReusedError):
            other()
    home.life.approve("1", wish("Marat", "a key of Aigul"))

    assert home.live == home.second


def test_a_rollback_needs_two_people_and_no_gate(home: Home) -> None:
    """It leads to the model that was live before."""
    approve(home)
    proposal = home.life.propose(Kind.ROLLBACK, "", wish("Dana"))

    with pytest.raises(SamePersonError):
        home.life.approve(proposal.id, wish("Dana", "another key"))
    home.life.approve(proposal.id, wish("Aigul", "back"))
    last = artifact.history(home.path)[-1]
    assert (home.live, last["why"], last["by"]) == (home.first, "rolled back", ["Dana", "Aigul"])


def test_a_rollback_leads_nowhere_else(home: Home) -> None:
    """Not to a model that was never live, and not at all where none was."""
    with pytest.raises(ModelRefusedError):
        home.life.propose(Kind.ROLLBACK, "", wish("Dana"))
    approve(home)
    with pytest.raises(ConflictError) as refusal:
        home.life.propose(Kind.ROLLBACK, home.second, wish("Dana"))
    assert refusal.value.reason == "NOT_BEFORE"


def test_a_model_that_a_setting_names_stays(home: Home) -> None:
    """Nothing is proposed that could not come true."""
    pinned = home_at(home.path / home.first, home.second, is_pinned=True)

    with pytest.raises(ConflictError) as refusal:
        pinned.propose()
    assert (refusal.value.reason, home.log.open) == ("MODEL_PINNED", None)


def test_a_pinned_model_needs_no_folder_of_models(tmp_path: Path) -> None:
    """An old version is told all the same, and nothing is made on disk."""
    pinned = home_at(tmp_path / "none" / ("5f" * 32), "a1" * 32, is_pinned=True)

    with pytest.raises(VersionConflictError):
        pinned.propose(version=99)
    with pytest.raises(ConflictError):
        pinned.life.approve("1", wish("Marat"))
    assert not (tmp_path / "none").exists()


def test_the_live_model_is_not_proposed(home: Home) -> None:
    """It is there already."""
    with pytest.raises(ConflictError) as refusal:
        home.life.propose(Kind.PROMOTION, home.first, wish("Aigul"))
    assert refusal.value.reason == "ALREADY_LIVE"


@pytest.mark.parametrize("model", ["", "5f" * 32, "../live", "LIVE"])
def test_what_is_not_stored_is_not_proposed(home: Home, model: str) -> None:
    """Nor is what is no id at all."""
    with pytest.raises(ModelRefusedError):
        home.life.propose(Kind.PROMOTION, model, wish("Aigul"))


def test_a_damaged_model_is_not_proposed(home: Home) -> None:
    """Nobody waits for a gate to find that out."""
    (home.path / home.second / layout.LABELS).write_text("[]")

    with pytest.raises(ModelRefusedError) as refusal:
        home.propose()
    assert (refusal.value.reason, home.log.open) == ("HASH_MISMATCH", None)


def test_a_model_damaged_meanwhile_does_not_go_live(home: Home) -> None:
    """Its bytes are looked at again when it is approved."""
    proposal = home.tried()
    (home.path / home.second / layout.LABELS).write_text("[]")

    with pytest.raises(ModelRefusedError):
        home.life.approve(proposal.id, wish("Marat"))
    assert home.live == home.first


def test_a_proposal_of_nobody_is_not_found(home: Home) -> None:
    """Neither approved nor refused."""
    for answer in (home.life.approve, home.life.refuse):
        with pytest.raises(NotFoundError):
            answer("7", wish("Marat"))


def test_without_a_live_model_there_is_nothing_to_replace(tmp_path: Path) -> None:
    """The first one comes by `qyzmet train`."""
    for path in (tmp_path, tmp_path / "not made yet"):
        with pytest.raises(NoModelError):
            home_at(path / ("5f" * 32), "a1" * 32).propose()


@pytest.mark.parametrize(
    ("reason", "version", "key"),
    [("", 0, "k"), (" \n", 0, "k"), ("x" * 501, 0, "k"), ("x", -1, "k"), ("x", 0, "k" * 129)],
)
def test_an_act_says_why(home: Home, reason: str, version: int, key: str) -> None:
    """In at most 500 characters, under a key, as of a version."""
    with pytest.raises(InvalidError):
        home.life.propose(Kind.PROMOTION, home.second, wish("Aigul", key, version, reason))


def test_a_power_cut_between_history_and_pointer_is_mended(home: Home) -> None:
    """The same approval once more points at what the history tells."""
    approve(home)
    artifact.point(home.path, home.first)

    home.life.approve("1", wish("Marat"))

    assert home.live == home.second


def test_a_late_repetition_does_not_bring_a_model_back(home: Home) -> None:
    """What went live since stays."""
    approve(home)
    artifact.publish(home.path, home.first, by=["A"], why="rolled back")

    home.life.approve("1", wish("Marat"))

    assert home.live == home.first


def test_a_line_that_a_power_cut_tore_harms_no_other(home: Home) -> None:
    """What comes next is on a line of its own, in both files."""
    for name in (proposals.FILE, "history.jsonl"):
        with (home.path / name).open("a") as file:
            file.write('{"step":"proposed","id"')
    approve(home)

    assert home.log.proposals["1"].state is State.APPROVED
    assert home.live == home.second


def test_of_many_who_answer_at_once_one_is_heard(home: Home) -> None:
    """The others are told that it was answered."""
    id_ = home.tried().id
    told: list[str] = []

    def answer(by: str) -> None:
        try:
            verb = home.life.approve if by < "m" else home.life.refuse
            told.append(verb(id_, wish(by)).state.value)
        except ServiceError as error:
            told.append(error.reason)

    threads = [threading.Thread(target=answer, args=[by]) for by in "abcdxyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    heard = [one for one in told if one in ("approved", "refused")]
    assert len(heard) == 1
    assert set(told) - set(heard) <= {"PROPOSAL_SETTLED", "LIVE_CHANGED"}
    assert (home.live == home.second) == (heard == ["approved"])


def test_one_person_lets_a_model_look_on(home: Home) -> None:
    """It is pointed at, and written down with who did it, when and why; the live one stays."""
    told = home.look_on()

    assert (home.shadow, home.live) == (home.second, home.first)
    assert (told.model, told.act.subject, told.act.time) == (home.second, "Aigul", NOW)
    assert told.act.reason == "It is better."
    assert list(home.log.shadowed) == [told]


def test_another_person_may_end_it(home: Home) -> None:
    """Nobody looks on then; both are written down, and no proposal is touched."""
    proposal = home.propose("Dana")
    home.look_on()
    home.life.set_shadow("", wish("Marat"))

    assert home.shadow is None
    assert [(one.model, one.act.subject) for one in home.log.shadowed] == [
        (home.second, "Aigul"),
        ("", "Marat"),
    ]
    assert home.log.open == proposal


def test_the_same_wish_to_look_on_is_done_once(home: Home) -> None:
    """Also as of the version it saw; and a late repetition does not bring back what ended."""
    seen = home.log.version
    first = home.look_on(version=seen)
    assert home.look_on(version=seen) == first
    home.life.set_shadow("", wish("Marat"))

    assert home.look_on(version=seen) == first
    assert (home.shadow, len(home.log.shadowed)) == (None, 2)


def test_a_power_cut_before_the_pointer_is_mended_by_the_same_wish(home: Home) -> None:
    """It stands in the file, and nothing points at it."""
    home.look_on()
    artifact.set_shadow(home.path, None)

    home.look_on()

    assert home.shadow == home.second


def test_a_key_names_one_wish_to_look_on(home: Home) -> None:
    """Neither another one, nor a proposal, nor the other way round."""
    home.look_on(key="1")
    home.propose(key="2")
    for other in (
        lambda: home.life.set_shadow("", wish("Aigul", "1")),
        lambda: home.life.refuse("1", wish("Aigul", "1")),
        lambda: home.look_on(key="2"),
    ):
        with pytest.raises(IdempotencyKeyReusedError):
            other()


def test_who_saw_an_older_state_lets_nothing_look_on(home: Home) -> None:
    """Nor ends it; that a model looks on is a state that others may have seen."""
    seen = home.log.version
    home.look_on()

    with pytest.raises(VersionConflictError):
        home.life.set_shadow("", wish("Marat", version=seen))
    assert (home.shadow, home.log.version) == (home.second, seen + 1)


@pytest.mark.parametrize("model", ["5f" * 32, "../live", "LIVE"])
def test_what_is_not_stored_does_not_look_on(home: Home, model: str) -> None:
    """Nothing is written down."""
    with pytest.raises(ModelRefusedError) as refusal:
        home.life.set_shadow(model, wish("Aigul"))
    assert (refusal.value.reason, home.shadow, home.log.version) == ("NOT_FOUND", None, 1)


def test_a_way_to_a_model_is_no_id(home: Home) -> None:
    """Nothing is opened that a path leads to, not even back to a stored model."""
    with pytest.raises(ModelRefusedError) as refusal:
        home.life.set_shadow(f"../{home.path.name}/{home.second}", wish("Aigul"))
    assert refusal.value.reason == "NOT_FOUND"


def test_the_live_model_does_not_look_on(home: Home) -> None:
    """There would be nothing beside it."""
    with pytest.raises(ConflictError) as refusal:
        home.life.set_shadow(home.first, wish("Aigul"))
    assert (refusal.value.reason, home.shadow) == ("ALREADY_LIVE", None)


def test_a_model_that_does_not_fit_the_catalogue_does_not_look_on(home: Home) -> None:
    """As it would not be proposed; but what looked on before can be ended."""
    home.look_on()
    few = Lifecycle(home.path, lambda: Register("v2", frozenset()), now, is_pinned=False)

    with pytest.raises(ModelRefusedError) as refusal:
        few.set_shadow(home.second, wish("Aigul", "2"))
    assert refusal.value.reason == "UNKNOWN_LABEL"
    few.set_shadow("", wish("Aigul", "3"))
    assert home.shadow is None


def test_beside_a_model_that_a_setting_names_another_looks_on(home: Home) -> None:
    """It changes nothing of what answers; also the one that would be live without the setting."""
    pinned = home_at(home.path / home.first, home.first, is_pinned=True)

    pinned.look_on()

    assert home.shadow == home.first


def test_without_a_folder_of_models_nothing_looks_on(tmp_path: Path) -> None:
    """An old version is told all the same, and nothing is made on disk."""
    pinned = home_at(tmp_path / "none" / ("5f" * 32), "a1" * 32, is_pinned=True)

    with pytest.raises(VersionConflictError):
        pinned.look_on(version=99)
    for model in ("a1" * 32, ""):
        with pytest.raises(ModelRefusedError):
            pinned.life.set_shadow(model, wish("Marat"))
    assert not (tmp_path / "none").exists()

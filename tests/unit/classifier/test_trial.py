"""Specifies how a proposed model is tried at the gate while calls are being answered."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from classifier import app, artifact, gate, proposals, today
from classifier.artifact import ModelAwayError, layout
from classifier.domain import Example
from classifier.examples import read_examples
from classifier.gate import NO_TEXTS, FaultKind
from classifier.lifecycle import Lifecycle
from classifier.proposals import Kind
from classifier.train import train
from classifier.trained import Trained
from classifier.trial import MAX_TEXTS, TOO_MANY_TEXTS, Trials
from classifier.watch import Register
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.errors import UnavailableError
from services.chassis.principal import Principal, Role
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, KNOWN, silent, unmasked
from tests.unit.classifier.life import Home, home_at, known, now, wish

TEXTS = [Example(one.text + "!", one.label, one.language) for one in EXAMPLES]
SWAPPED = {
    "identity.passport": "car.driving-licence",
    "car.driving-licence": "identity.passport",
}


@pytest.fixture
def home(trained: Trained, folder: Path) -> Home:
    """Store a model that answers as the live one does."""
    artifact.publish(folder.parent, folder.name)
    other = replace(trained, facts={**trained.facts, "seed": 8})
    return home_at(folder, artifact.save(other, folder.parent))


@pytest.fixture
def worse(folder: Path) -> Home:
    """Store a model that takes passports for driving licences."""
    artifact.publish(folder.parent, folder.name)
    wrong = [replace(one, label=SWAPPED.get(one.label, one.label)) for one in EXAMPLES]
    other = train(ENTRIES, wrong, seed=7, progress=silent)
    return home_at(folder, artifact.save(other, folder.parent))


def trials(
    home: Home, texts: Sequence[Example] = TEXTS, register: Callable[[], Register] = known
) -> Trials:
    return Trials(home.path, register, lambda: texts, unmasked, now)


def test_a_model_that_loses_nothing_passes(home: Home) -> None:
    """Its figures stand beside the live one's, by language; no service lost."""
    home.propose()
    trials(home).look()

    trial = home.log.proposals["1"].trial
    assert trial is not None
    assert trial.is_passed
    languages = {one.language: one for one in trial.languages}
    assert languages.keys() == {"all", "kk", "ru", "en"}
    assert languages["all"].before == languages["all"].after
    assert languages["all"].before.count == len(TEXTS)
    assert (list(trial.services), trial.better_count) == ([], 0)
    assert trial.same_count == len({one.label for one in TEXTS})


def test_a_model_for_which_services_pay_is_refused(worse: Home) -> None:
    """Each is named with its shares, and so are the languages."""
    worse.propose()
    trials(worse).look()

    trial = worse.log.proposals["1"].trial
    assert trial is not None
    assert not trial.is_passed
    assert {one.name for one in trial.faults if one.kind is FaultKind.SERVICE} == SWAPPED.keys()
    assert {one.kind for one in trial.faults} >= {FaultKind.LANGUAGE, FaultKind.SERVICE}
    assert {one.service_id for one in trial.services} == SWAPPED.keys()
    assert all(one.after < one.before for one in trial.services)


def test_texts_that_nobody_knows_prove_nothing(home: Home) -> None:
    """With the texts of another register every model would pass."""
    home.propose()
    trials(home, [Example("паспорт", "another.register", "ru")]).look()

    trial = home.log.proposals["1"].trial
    assert trial is not None
    assert (trial.failure, trial.is_passed) == (NO_TEXTS, False)


def test_a_file_that_cannot_be_read_is_told(home: Home, tmp_path: Path) -> None:
    """Nobody waits for an answer that cannot come, and the file is not read again and again."""
    home.propose()
    path = tmp_path / "texts.jsonl"
    path.write_text("not JSON")
    Trials(home.path, known, partial(read_examples, path), unmasked, now).look()

    trial = home.log.proposals["1"].trial
    assert trial is not None
    assert (trial.failure, trial.is_passed) == ("EXAMPLES", False)


def test_more_texts_than_a_running_service_can_bear_are_not_asked(home: Home) -> None:
    """It says so, and calls go on being answered."""
    home.propose()
    trials(home, TEXTS[:1] * (MAX_TEXTS + 1)).look()

    trial = home.log.proposals["1"].trial
    assert trial is not None
    assert (trial.failure, trial.is_passed) == (TOO_MANY_TEXTS, False)


def test_texts_and_models_are_of_the_ids_of_today(folder: Path) -> None:
    """A service was renamed: the live model and the texts say the old id, the candidate the new."""
    artifact.publish(folder.parent, folder.name)
    gone, new = "identity.passport", "identity.travel"
    entries = [replace(one, service_id=new) if one.service_id == gone else one for one in ENTRIES]
    other = train(entries, today.examples_of(EXAMPLES, {gone: new}), seed=7, progress=silent)
    renamed = Register("v2", KNOWN - {gone} | {new}, {gone: new})
    home = home_at(folder, artifact.save(other, folder.parent))
    home = replace(home, life=Lifecycle(home.path, lambda: renamed, now, is_pinned=False))
    home.propose()
    trials(home, register=lambda: renamed).look()

    trial = home.log.proposals["1"].trial
    assert trial is not None
    assert trial.is_passed
    assert trial.same_count == len({one.label for one in TEXTS})


def test_a_model_damaged_meanwhile_is_told(home: Home) -> None:
    """The gate answers that it cannot."""
    home.propose()
    (home.path / home.second / layout.LABELS).write_text("[]")
    trials(home).look()

    trial = home.log.proposals["1"].trial
    assert trial is not None
    assert (trial.failure, trial.is_passed) == ("HASH_MISMATCH", False)


def test_a_model_that_cannot_be_read_now_is_tried_later(home: Home) -> None:
    """A disk that errs says nothing against a model."""
    home.propose()
    place = home.path / home.second
    place.rename(home.path / "elsewhere")
    place.symlink_to(place)

    with pytest.raises(ModelAwayError):
        trials(home).look()
    assert home.log.proposals["1"].trial is None


def test_without_the_register_it_is_tried_later(home: Home) -> None:
    """That the catalogue is away is not the model's fault."""
    home.propose()

    def away() -> Register:
        raise UnavailableError

    with pytest.raises(UnavailableError):
        trials(home, register=away).look()
    assert home.log.proposals["1"].trial is None


def test_a_proposal_is_tried_once(home: Home) -> None:
    """Whatever replicas look: the first answer stands."""
    home.propose()
    trials(home).look()
    before = (home.path / proposals.FILE).read_bytes()
    trials(home, []).look()

    assert (home.path / proposals.FILE).read_bytes() == before


def test_a_rollback_is_not_tried(home: Home) -> None:
    """The model was live before."""
    artifact.publish(home.path, home.second)
    home.life.propose(Kind.ROLLBACK, "", wish("Aigul"))
    trials(home).look()

    assert home.log.proposals["1"].trial is None


def test_trying_in_small_parts_finds_the_same(worse: Home) -> None:
    """As comparing all at once does, which the command does."""
    worse.propose()
    trials(worse).look()
    trial = worse.log.proposals["1"].trial
    live, other = (artifact.load(worse.path / one, KNOWN) for one in (worse.first, worse.second))
    found = gate.compare(live, other, TEXTS, mask=unmasked)

    assert trial is not None
    assert list(map(str, trial.faults)) == list(gate.refusals(found))
    assert {one.language: one.after.top1 for one in trial.languages} == pytest.approx(
        {name: told.top1 for name, told in found.after.items()}
    )


def test_a_running_classifier_takes_an_approved_model_over(
    tmp_path: Path, home: Home, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """Proposed by one person, tried by the service, approved by another: it answers, no restart."""
    folder, texts = tmp_path / "running", tmp_path / "texts.jsonl"
    texts.write_text('{"words": "паспорт керек", "about": "identity.passport"}\n', "utf-8")
    columns = {"gate_text": "words", "gate_label": "about"}
    shutil.copytree(home.path, folder / "models", ignore=shutil.ignore_patterns("running"))
    with (
        testing.platform_in(folder, gate_examples=texts, **columns) as platform,
        testing.running(platform, app.build(platform, KNOWN)) as built,
        testing.channel_to(built.addresses["classifier"]) as channel,
    ):
        stub = pb_grpc.ClassifierServiceStub(channel)
        one = testing.caller(platform, Principal("Aigul", Role.MODEL_STEWARD))
        other = testing.caller(platform, Principal("Marat", Role.ADMINISTRATOR))
        propose = pb.ProposeModelRequest(
            kind=pb.PROPOSAL_KIND_PROMOTION, model=home.second, reason="Better.", request_id="1"
        )
        made = one.call(stub.ProposeModel, propose).proposal
        eventually(
            lambda: one.call(stub.GetModels, pb.GetModelsRequest()).proposals[0].trial.is_passed
        )
        approve = pb.ApproveModelRequest(proposal_id=made.id, reason="Seen.", request_id="2")
        told = other.call(stub.ApproveModel, approve).proposal
        eventually(lambda: one.call(stub.GetModel, pb.GetModelRequest()).model == home.second)

    assert (told.state, told.settled.subject) == (pb.PROPOSAL_STATE_APPROVED, "Marat")

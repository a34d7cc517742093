"""Specifies what `qyzmet up` does about a model that the release before made."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from classifier import artifact
from classifier.examples import read_examples
from deploy.cli import model
from services.catalog import store
from services.chassis import config
from services.chassis.config import Settings
from services.chassis.errors import InvalidError
from tests.registers import OLD, renamed
from tests.unit.classifier.life import of_release_before


@pytest.fixture
def bundled(cases: model.Source, tmp_path: Path) -> model.Bundled:
    """Return a small register and examples as the bundled ones; a model of both is live."""
    model.train(tmp_path / "catalogue", cases, seed=0, recipe="pieces")
    assert cases.path is not None
    examples = read_examples(cases.path, label_column="label")
    catalogue = store.read_folder(tmp_path / "catalogue")
    ids = {one.title.ru: one.id for one in catalogue.services}
    learned = [replace(one, label=ids.get(one.label, one.label)) for one in examples]
    return lambda: (catalogue, learned)


@pytest.fixture
def settings() -> Settings:
    return config.load()


@pytest.fixture
def own(bundled: model.Bundled, settings: Settings, tmp_path: Path) -> Settings:
    """Return settings that name the register of the live model."""
    return settings.model_copy(update={"catalogue": tmp_path / "catalogue"})


def upgrade(settings: Settings) -> str:
    """Let the live model be one of the release before."""
    live = str(artifact.live(settings.models_dir))
    older = of_release_before(settings.models_dir / live)
    artifact.publish(settings.models_dir, older)
    return older


def test_after_an_upgrade_the_bundled_model_is_trained_anew(
    bundled: model.Bundled, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """As when none is there, and one line says why."""
    older = upgrade(settings)

    model.ensure_live(settings, bundled)

    live = str(artifact.live(settings.models_dir))
    assert live != older
    known = {one.id for one in bundled()[0].services}
    assert artifact.load(settings.models_dir / live, known).id == live
    assert "made for another version" in capsys.readouterr().err


def test_a_model_of_this_release_stays(bundled: model.Bundled, settings: Settings) -> None:
    """A start trains nothing twice."""
    live = artifact.live(settings.models_dir)

    model.ensure_live(settings, bundled)

    assert artifact.live(settings.models_dir) == live
    assert len(artifact.history(settings.models_dir)) == 1


def test_who_has_a_register_of_their_own_is_told_what_to_do(
    bundled: model.Bundled, settings: Settings
) -> None:
    """The examples are theirs; a start that left every case to people would hide it."""
    upgrade(settings)
    own = settings.model_copy(update={"catalogue": Path("own")})

    with pytest.raises(InvalidError, match="qyzmet train --catalogue") as told:
        model.ensure_live(own, bundled)

    assert told.value.reason == "MODEL_OUTDATED"


def test_a_model_that_is_served_is_not_spoken_of(own: Settings) -> None:
    """A start has nothing to say of it."""
    assert model.refusal(own) == ""


def test_a_start_says_that_the_register_lost_a_service(own: Settings, tmp_path: Path) -> None:
    """The model that names it is refused, and every case goes to people."""
    changed = renamed(tmp_path / "catalogue", tmp_path / "changed")

    told = model.refusal(own.model_copy(update={"catalogue": changed}))

    assert "UNKNOWN_LABEL" in told
    assert OLD in told


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda folder: (folder / "labels.json").write_text("[]"), "HASH_MISMATCH"),
        (lambda folder: folder.rename(folder.with_name("elsewhere")), "NOT_FOUND"),
    ],
)
def test_a_start_says_that_the_model_is_not_whole(
    own: Settings, harm: Callable[[Path], object], reason: str
) -> None:
    """Or that its folder is gone."""
    harm(own.models_dir / str(artifact.live(own.models_dir)))

    assert reason in model.refusal(own)


def test_a_model_that_is_damaged_is_not_thrown_away(
    bundled: model.Bundled, settings: Settings
) -> None:
    """Whoever looks after it decides: it may have been tampered with."""
    live = str(artifact.live(settings.models_dir))
    (settings.models_dir / live / "manifest.json").write_text("{")

    model.ensure_live(settings, bundled)

    assert artifact.live(settings.models_dir) == live

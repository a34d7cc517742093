"""Specifies the model folder: what it keeps, and what is refused."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier import artifact
from classifier.artifact import ModelRefusedError, Refusal, layout
from classifier.pipeline import Model
from classifier.recipe import RECIPES, Recipe
from classifier.train import train
from classifier.trained import Trained
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, KNOWN, silent


def reseal(folder: Path) -> None:
    """Write a manifest that agrees with the files, as an attacker or a bug would."""
    manifest = json.loads((folder / layout.MANIFEST).read_bytes())
    for name, row in manifest["files"].items():
        row["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / layout.MANIFEST).write_text(json.dumps(manifest))


def change(folder: Path, name: str, edit: Callable[[Any], Any]) -> None:
    """Edit a JSON file or an array, and seal it again."""
    path = folder / name
    if path.suffix == ".npy":
        np.save(path, edit(np.load(path)), allow_pickle=True)
    else:
        path.write_text(json.dumps(edit(json.loads(path.read_bytes()))))
    if name != layout.MANIFEST:
        reseal(folder)


def refusal(folder: Path, known: frozenset[str] = KNOWN, **named: str) -> str:
    with pytest.raises(ModelRefusedError) as refused:
        artifact.load(folder, known, **named)
    return refused.value.reason


def test_a_loaded_model_answers_as_the_one_saved(trained: Trained, folder: Path) -> None:
    """Every probability within a billionth: decisions can be replayed."""
    texts = [example.text for example in EXAMPLES]

    loaded = artifact.load(folder, KNOWN).model.probabilities(texts)

    np.testing.assert_allclose(loaded, Model(trained.weights).probabilities(texts), atol=1e-9)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_model_of_any_recipe_is_kept(recipe: Recipe, tmp_path: Path) -> None:
    """With the kinds of terms it was made of, and their shares."""
    made = train(ENTRIES, EXAMPLES, seed=7, progress=silent, recipes=(recipe,))

    kept = artifact.load(tmp_path / artifact.save(made, tmp_path), KNOWN).model.weights

    assert [(one.name, one.sizes, one.share) for one in kept.tables] == [
        (one.name, one.sizes, one.share) for one in recipe.kinds
    ]


def test_thresholds_are_kept(trained: Trained, folder: Path) -> None:
    """To the last digit."""
    assert artifact.load(folder, KNOWN).thresholds == trained.thresholds


def test_the_id_is_the_hash_of_the_manifest(folder: Path) -> None:
    """Whoever names a model names all its bytes."""
    manifest = (folder / layout.MANIFEST).read_bytes()

    assert artifact.load(folder, KNOWN).id == folder.name == hashlib.sha256(manifest).hexdigest()


def test_saving_the_same_model_again_changes_nothing(trained: Trained, folder: Path) -> None:
    """The same bytes have the same address, and nothing half written stays behind."""
    assert artifact.save(trained, folder.parent) == folder.name
    assert list(folder.parent.iterdir()) == [folder]


def test_the_manifest_seals_every_other_file_and_names_versions(folder: Path) -> None:
    """Nothing in the folder is outside the seal."""
    manifest = json.loads((folder / layout.MANIFEST).read_bytes())

    assert {path.name for path in folder.iterdir()} == {*manifest["files"], layout.MANIFEST}
    assert {"python", "scikit-learn", "numpy"} <= set(manifest["versions"])


def test_the_card_tells_people_metrics_and_limits(folder: Path) -> None:
    """By language, with the thresholds and what the model cannot do."""
    card = (folder / layout.CARD_TEXT).read_text()

    for told in ("| kk |", "brier", "## Thresholds", "## Risk by coverage", "## Limits"):
        assert told in card


def test_the_card_tells_what_was_tried(tmp_path: Path) -> None:
    """The recipe that was taken, and what each was worth."""
    made = train(ENTRIES, EXAMPLES, seed=7, progress=silent, recipes=RECIPES)

    card = (tmp_path / artifact.save(made, tmp_path) / layout.CARD_TEXT).read_text()

    tried = made.facts["recipe"]["loss_of_tried"]
    assert f"Recipe *{made.facts['recipe']['name']}*: word 1–1, counted 0.3" in card
    assert all(f"{one.name} {tried[one.name]}" in card for one in RECIPES)


@pytest.mark.parametrize("name", sorted({**layout.MAX_BYTES, **layout.OPTIONAL_BYTES}))
def test_a_single_changed_byte_is_found(folder: Path, name: str) -> None:
    """In whichever file it is."""
    content = bytearray((folder / name).read_bytes())
    content[-2] ^= 1
    (folder / name).write_bytes(content)

    assert refusal(folder) == Refusal.HASH_MISMATCH


def test_another_model_under_the_name_is_found(folder: Path) -> None:
    """A manifest made anew does not have the id that was asked for."""
    change(folder, layout.LABELS, lambda labels: labels[::-1])

    assert refusal(folder, expected_id=folder.name) == Refusal.HASH_MISMATCH


def test_a_label_that_the_catalogue_does_not_know_is_refused(folder: Path) -> None:
    """Nobody is routed to a service that does not exist."""
    assert refusal(folder, KNOWN - {"land.plot"}) == Refusal.UNKNOWN_LABEL


@pytest.mark.parametrize(
    ("name", "edit", "reason"),
    [
        (layout.MANIFEST, lambda told: told | {"format": 99}, Refusal.FORMAT_UNKNOWN),
        (layout.MANIFEST, lambda told: told | {"text_rules": 99}, Refusal.FORMAT_UNKNOWN),
        (layout.MANIFEST, lambda told: [], Refusal.NOT_READABLE),
        (layout.MANIFEST, lambda told: told | {"files": {}}, Refusal.NOT_READABLE),
        (layout.SCALES, lambda array: array * np.float32("nan"), Refusal.NOT_FINITE),
        (layout.SCALES, lambda array: array[1:], Refusal.SHAPE_MISMATCH),
        (layout.STEPS, lambda array: array[1:], Refusal.SHAPE_MISMATCH),
        (layout.STEPS, lambda array: np.append(array, array[:1]), Refusal.SHAPE_MISMATCH),
        (layout.STEPS, lambda array: array.astype(float), Refusal.SHAPE_MISMATCH),
        (layout.STEPS, lambda array: array.astype(object), Refusal.NOT_READABLE),
        (layout.COLUMNS, lambda array: array + np.uint16(99), Refusal.SHAPE_MISMATCH),
        (layout.ENDS, lambda array: array[::-1], Refusal.SHAPE_MISMATCH),
        (layout.ENDS, lambda array: array + np.int32(1), Refusal.SHAPE_MISMATCH),
        (layout.IDF, lambda array: array[1:], Refusal.SHAPE_MISMATCH),
        (layout.LABELS, lambda labels: [labels[0]] * len(labels), Refusal.SHAPE_MISMATCH),
        (layout.VOCABULARY, lambda rows: rows[:1], Refusal.SHAPE_MISMATCH),
        (layout.VOCABULARY, lambda rows: [rows[0] | {"name": "x"}], Refusal.NOT_READABLE),
        (layout.VOCABULARY, lambda rows: [rows[0] | {"terms": ["a", "a"]}], Refusal.NOT_READABLE),
        (layout.THRESHOLDS, lambda told: told | {"temperature": 0}, Refusal.NOT_FINITE),
        (layout.THRESHOLDS, lambda told: told | {"temperature": "x"}, Refusal.NOT_READABLE),
        (
            layout.THRESHOLDS,
            lambda told: told | {"languages": {"ru": {"route": 0.1, "confirm": 0.9}}},
            Refusal.NOT_READABLE,
        ),
    ],
)
def test_a_folder_that_contradicts_itself_is_refused(
    folder: Path, name: str, edit: Callable[[Any], Any], reason: str
) -> None:
    """Even when its hashes agree; nothing in it is unpickled."""
    change(folder, name, edit)

    assert refusal(folder) == reason


def test_a_file_larger_than_allowed_is_not_read(folder: Path) -> None:
    """A manifest has no reason to be large."""
    (folder / layout.MANIFEST).write_bytes(b" " * (layout.MAX_MANIFEST_BYTES + 1))

    assert refusal(folder) == Refusal.TOO_LARGE


def test_a_missing_file_is_refused(folder: Path) -> None:
    """Half a model is no model."""
    (folder / layout.IDF).unlink()

    assert refusal(folder) == Refusal.NOT_FOUND


def test_nothing_is_live_before_something_is_published(tmp_path: Path) -> None:
    """A new installation has no model."""
    assert artifact.live(tmp_path / "models") is None


def test_the_published_model_is_live(folder: Path) -> None:
    """One small file names it."""
    artifact.publish(folder.parent, folder.name)

    assert artifact.live(folder.parent) == folder.name


@pytest.mark.parametrize("model", ["", "../elsewhere", "f" * 64])
def test_only_a_stored_model_can_be_published(folder: Path, model: str) -> None:
    """The pointer never points nowhere."""
    with pytest.raises(ModelRefusedError):
        artifact.publish(folder.parent, model)


def test_a_damaged_pointer_is_refused(folder: Path) -> None:
    """It is not taken for a path."""
    (folder.parent / "live").write_text("../../etc")

    with pytest.raises(ModelRefusedError):
        artifact.live(folder.parent)


def test_a_folder_may_be_moved(folder: Path, tmp_path: Path) -> None:
    """Its content is its identity, not its place."""
    shutil.move(folder, tmp_path / "elsewhere")

    assert artifact.load(tmp_path / "elsewhere", KNOWN, expected_id=folder.name).id == folder.name

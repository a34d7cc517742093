"""Specifies what training promises."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.domain import OUT_OF_SCOPE, Entry, Example, Language
from classifier.pipeline import Model
from classifier.recipe import RECIPES, STANDARD, Kind, Recipe
from classifier.train import TrainingError, train
from classifier.trained import Trained
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, KNOWN, silent


def test_every_service_becomes_a_label_also_without_examples(trained: Trained) -> None:
    """A service of the catalogue is reachable from its first day."""
    assert set(trained.weights.labels) == KNOWN | {OUT_OF_SCOPE}


@pytest.mark.parametrize("text", ["жер телімі", "земельный участок", "land plot"])
def test_a_service_without_examples_is_found_by_its_titles(trained: Trained, text: str) -> None:
    """In each of the three languages; no label with examples learns to speak against it."""
    assert trained.facts["recipe"]["stacking"] > 0
    row = Model(trained.weights).probabilities([text])[0]

    assert trained.weights.labels[int(row.argmax())] == "land.plot"


def test_the_same_seed_makes_the_same_model(trained: Trained) -> None:
    """A model can be made again from its data."""
    again = train(ENTRIES, EXAMPLES, seed=7, progress=silent)

    for one, other in zip(again.weights.tables, trained.weights.tables, strict=True):
        assert one.terms == other.terms
        assert np.array_equal(one.coefficients.steps, other.coefficients.steps)
    assert again.thresholds == trained.thresholds


def test_metrics_come_from_held_out_examples(trained: Trained) -> None:
    """Every example is predicted once by a model that did not see it."""
    assert trained.metrics["all"].count == len(EXAMPLES)


def test_every_language_has_thresholds(trained: Trained) -> None:
    """Whatever language is detected, the model says when to trust it."""
    assert set(trained.thresholds.by_language) == set(Language)


@pytest.mark.parametrize("writers", [1, 2])
def test_a_file_of_one_writer_makes_a_model(writers: int) -> None:
    """Under every recipe: a column of who wrote may say the same in every row, or almost."""
    texts = [replace(one, writer=f"w{at % writers}") for at, one in enumerate(EXAMPLES)]

    made = train(ENTRIES, texts, seed=7, progress=silent, recipes=RECIPES)

    assert set(made.weights.labels) == KNOWN | {OUT_OF_SCOPE}
    assert set(made.facts["recipe"]["loss_of_tried"]) == {one.name for one in RECIPES}


def test_progress_is_told_to_the_end_of_every_stage() -> None:
    """Who waits sees how far it is."""
    told: list[tuple[str, int, int]] = []

    train(ENTRIES, EXAMPLES, seed=0, progress=lambda *step: told.append(step))

    assert {stage for stage, done, total in told if done == total} == {"read", "measure", "fit"}


def test_a_label_that_is_not_in_the_catalogue_is_refused() -> None:
    """A misspelt id does not become a service."""
    with pytest.raises(TrainingError, match=r"identity\.pasport"):
        train(ENTRIES, [Example("паспорт", "identity.pasport")], seed=0, progress=silent)


def test_examples_without_a_catalogue_make_a_model_too() -> None:
    """Other people's labelled texts can be measured."""
    made = train([], EXAMPLES, seed=0, progress=silent)

    assert "identity.passport" in made.weights.labels


def test_out_of_scope_is_not_a_service() -> None:
    """A catalogue that says so is wrong."""
    with pytest.raises(TrainingError):
        train([Entry(OUT_OF_SCOPE, {"en": "x"})], EXAMPLES, seed=0, progress=silent)


def test_nothing_makes_no_model() -> None:
    """Titles alone cannot be measured; nor can words that are no sample of what people ask."""
    for examples in ([], [replace(one, is_sample=False) for one in EXAMPLES]):
        with pytest.raises(TrainingError):
            train(ENTRIES, examples, seed=0, progress=silent)


def test_one_recipe_is_not_tried() -> None:
    """The bundled examples have one that fits; who knows it waits for nothing."""
    told: list[str] = []

    made = train(ENTRIES, EXAMPLES, seed=0, progress=lambda stage, *_: told.append(stage))

    assert made.facts["recipe"]["name"] == STANDARD.name
    assert made.facts["recipe"]["loss_of_tried"] == {}
    assert "choose" not in told


def test_of_several_recipes_the_one_that_fits_is_taken() -> None:
    """Whose words nothing is learned of, loses; the model is made of the other's terms."""
    deaf = Recipe("deaf", (Kind("pair", (1, 1), 0.001),), penalty=100.0)

    made = train(ENTRIES, EXAMPLES, seed=0, progress=silent, recipes=(deaf, STANDARD))

    tried = made.facts["recipe"]["loss_of_tried"]
    assert tried["deaf"] > tried["standard"]
    assert [table.name for table in made.weights.tables] == ["word", "character", "pair"]


def test_who_waits_for_the_choice_sees_each_recipe() -> None:
    """It takes a training on a sample each."""
    told: list[tuple[str, int, int]] = []
    recipes = (STANDARD, STANDARD.without("pair"))

    train(ENTRIES, EXAMPLES, seed=0, progress=lambda *step: told.append(step), recipes=recipes)

    assert [step for step in told if step[0] == "choose"] == [
        ("choose", done, 2) for done in (0, 1, 2)
    ]

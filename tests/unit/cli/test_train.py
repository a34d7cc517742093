"""Specifies what the command that trains takes from whom."""

import json
from pathlib import Path

import pytest

from classifier import artifact
from classifier.recipe import RECIPES
from deploy.cli import model
from services.chassis.errors import InvalidError


def recipe_of(tmp_path: Path, source: model.Source, **named: str) -> dict[str, object]:
    """Train, and return what the card says of the recipe."""
    models = tmp_path / "data" / "models"
    made = model.train(tmp_path / "catalogue", source, seed=0, **named)  # type: ignore[arg-type]
    assert artifact.live(models) == made
    card = json.loads((models / made / "card.json").read_text())
    return dict(card["data"]["recipe"])


def test_own_cases_have_the_recipe_that_fits_them(tmp_path: Path, cases: model.Source) -> None:
    """Each is tried."""
    told = recipe_of(tmp_path, cases)

    losses = told["loss_of_tried"]
    assert isinstance(losses, dict)
    assert set(losses) == {one.name for one in RECIPES}
    assert losses[str(told["name"])] == min(losses.values())


def test_a_recipe_may_be_named(tmp_path: Path, cases: model.Source) -> None:
    """Then none is tried."""
    told = recipe_of(tmp_path, cases, recipe="pieces")

    assert (told["name"], told["loss_of_tried"]) == ("pieces", {})


def test_a_recipe_that_is_not_known_is_refused(tmp_path: Path, cases: model.Source) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidError, match="word-order"):
        recipe_of(tmp_path, cases, recipe="sweet")

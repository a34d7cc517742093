"""Specifies what the command that trains takes from whom."""

import json
from pathlib import Path

import pytest

from classifier import artifact
from classifier.recipe import RECIPES
from deploy.cli import model
from services.chassis.errors import InvalidError
from tests.registers import renamed


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


def test_the_card_says_whose_the_examples_are(tmp_path: Path, cases: model.Source) -> None:
    """They are not called written for the product where they are a city's own cases."""
    recipe_of(tmp_path, cases, recipe="pieces")

    (card,) = (tmp_path / "data" / "models").glob("*/card.json")
    told = json.loads(card.read_text())

    assert told["data"]["examples_file"] in told["limits"][0]
    assert "for this product" not in card.with_suffix(".md").read_text()


def test_a_recipe_that_is_not_known_is_refused(tmp_path: Path, cases: model.Source) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidError, match="word-order"):
        recipe_of(tmp_path, cases, recipe="sweet")


@pytest.fixture
def own(tmp_path: Path, cases: model.Source, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the models folder of a register of its own, with a model live."""
    monkeypatch.setenv("QYZMET_CATALOGUE", str(tmp_path / "catalogue"))
    model.train(None, cases, seed=0, recipe="pieces")
    return tmp_path / "data" / "models"


def test_beside_a_live_model_another_is_a_candidate(
    own: Path, cases: model.Source, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes live by the gate and two people, and the command says how."""
    live = artifact.live(own)
    made = model.train(None, cases, seed=5, recipe="pieces")

    assert made != live
    assert artifact.live(own) == live
    assert f"qyzmet promote {made[:12]}" in " ".join(capsys.readouterr().err.split())


def test_who_develops_puts_one_in_the_others_place(own: Path, cases: model.Source) -> None:
    """And the history says that no gate was asked."""
    made = model.train(None, cases, seed=5, recipe="pieces", when=model.When.ALWAYS)

    assert artifact.live(own) == made
    assert [one["why"] for one in artifact.history(own)] == ["trained", model.AT_ONCE]


def test_in_production_nothing_goes_past_the_gate(
    own: Path, cases: model.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is trained for it either."""
    monkeypatch.setenv("QYZMET_ENVIRONMENT", "production")

    with pytest.raises(InvalidError, match="promote"):
        model.train(None, cases, seed=5, when=model.When.ALWAYS)

    assert len(artifact.stored(own)) == 1


def test_a_model_of_another_register_makes_room(
    own: Path, cases: model.Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could not answer here, so there is nothing to be compared with."""
    catalogue = renamed(tmp_path / "catalogue", tmp_path / "another")
    monkeypatch.setenv("QYZMET_CATALOGUE", str(catalogue))

    made = model.train(None, cases, seed=0, recipe="pieces")

    assert artifact.live(own) == made

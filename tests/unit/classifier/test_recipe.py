"""Specifies which recipes there are, and how they are named."""

import pytest

from classifier.recipe import AUTO, RECIPES, STANDARD, named
from services.chassis.errors import InvalidError


def test_auto_is_all_of_them() -> None:
    """Training takes the one that fits."""
    assert named(AUTO) == RECIPES
    assert STANDARD in RECIPES


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_each_is_found_by_its_name(recipe: object) -> None:
    """No two share one."""
    assert list(named(getattr(recipe, "name", ""))) == [recipe]


def test_a_name_that_is_not_known_is_told_with_those_that_are() -> None:
    """Who mistypes sees what there is."""
    with pytest.raises(InvalidError, match="standard"):
        named("standart")


def test_without_a_kind_the_rest_stays() -> None:
    """What a kind adds is told by what is lost without it."""
    assert [kind.name for kind in STANDARD.without("pair").kinds] == ["word", "character"]

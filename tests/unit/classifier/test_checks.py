"""Specifies how a model and a catalogue are checked against each other."""

from typing import Any

import pytest

from classifier.checks import Code, Finding, check
from classifier.domain import OUT_OF_SCOPE

CARD = {"data": {"catalogue_version": "v1"}}


def found(
    labels: set[str], card: dict[str, Any] | None = None, version: str = "v1"
) -> list[Finding]:
    card = CARD if card is None else card
    return list(check(labels, {"a.one", "a.two"}, card=card, version=version))


def test_a_model_of_this_catalogue_fits() -> None:
    """Out of scope is no service."""
    assert found({"a.one", "a.two", OUT_OF_SCOPE}) == []


def test_labels_that_the_catalogue_lost_are_told() -> None:
    """By their ids, in order."""
    labels = {"a.one", "a.two", "b.gone", "a.gone"}

    assert found(labels) == [Finding(Code.UNKNOWN_LABEL, ["a.gone", "b.gone"])]


def test_services_that_the_model_cannot_name_are_told() -> None:
    """They were added since."""
    assert found({"a.one"}) == [Finding(Code.UNKNOWN_SERVICE, ["a.two"])]


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_another_version_of_the_catalogue_is_told(version: str) -> None:
    """Both versions."""
    drift = [Finding(Code.CATALOGUE_DRIFT, ["v1", version])]

    assert found({"a.one", "a.two"}, version=version) == drift


def test_a_card_that_tells_no_catalogue_is_told() -> None:
    """Nobody can say whether it drifted."""
    assert found({"a.one", "a.two"}, card={}) == [Finding(Code.CATALOGUE_NOT_TOLD, [])]


def test_without_a_version_nothing_has_drifted() -> None:
    """Where labels were given by hand."""
    assert found({"a.one", "a.two"}, version="") == []

"""Specifies what a model's card tells, and that it is true of this model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from classifier import card, limits
from classifier.byservice import ServiceMetrics
from classifier.limits import Origin
from classifier.trained import Trained
from tests.unit.classifier.corpus import KNOWN

FACTS: Mapping[str, Any] = {
    "examples": 100,
    "examples_with_writer": 90,
    "services": 3,
    "services_with_examples": 3,
}
OWN = {**FACTS, "examples_from": Origin.OWN, "examples_file": "cases.csv"}
BUNDLED = {**FACTS, "examples_from": Origin.BUNDLED}


def told(data: Mapping[str, Any]) -> str:
    return "\n".join(limits.of(data))


def service(top1: float, count: int = 9) -> ServiceMetrics:
    return ServiceMetrics(count, top1, 1.0, 0.5, 0.25, 2)


def test_figures_are_told_by_service(trained: Trained) -> None:
    """Every one that texts were held out of, beside those by language."""
    told = card.describe(trained)

    assert set(told["held_out_by_service"]) >= KNOWN - {"land.plot"}
    counted = sum(one["count"] for one in told["held_out_by_service"].values())
    assert counted == told["held_out"]["all"]["count"]


def test_people_see_the_weakest_services(trained: Trained) -> None:
    """Twenty of them; programs read all, and a service of few texts is not called weak."""
    services = {f"s.{number:02}": service(number / 100) for number in range(50, 80)}
    made = replace(trained, services={**services, "s.rare": service(0.0, count=4)})

    told = card.describe(made)
    lines = card.as_markdown(told).splitlines()

    shown = [line.split()[1] for line in lines if line.startswith("| s.")]
    assert shown == [f"s.{number}" for number in range(50, 70)]
    assert len(told["held_out_by_service"]) == 31


def test_an_evaluation_tells_services_too(trained: Trained) -> None:
    """In numbers, and the weakest for people."""
    services = {"s.weak": service(0.25)}
    told = card.evaluation("0" * 64, trained.metrics, trained.thresholds, {}, services)

    assert told["services"]["s.weak"]["top1"] == 0.25
    assert "| s.weak | 9 | 0.25 |" in card.evaluation_as_markdown(told)


@pytest.mark.parametrize(
    ("data", "is_said"),
    [(BUNDLED, True), (OWN, False), (FACTS, False)],
)
def test_only_the_bundled_examples_are_called_written_for_the_product(
    data: Mapping[str, Any], is_said: bool
) -> None:
    """Of a city's own cases that would mislead whoever audits the model."""
    assert ("written for this product" in told(data)) is is_said
    assert ("personas" in told(data)) is is_said


def test_own_examples_are_named_by_their_file() -> None:
    """Whoever reads the card knows whom to ask."""
    assert "cases.csv" in told(OWN)


def test_no_origin_is_made_up() -> None:
    """Where nobody told it, the card says so."""
    assert "was not told" in told(FACTS)


def test_whether_writers_are_held_apart_is_said_as_it_is() -> None:
    """By how many examples tell their writer; where none does, figures may flatter."""
    assert "90 of 100 examples" in told(OWN)
    assert "No example tells who wrote it" in told({**OWN, "examples_with_writer": 0})


def test_words_of_citizens_are_called_so() -> None:
    """Also beside bundled examples."""
    assert "masked words of citizens" in told({**BUNDLED, "corrections": {"cases": 3}})
    assert "masked words of citizens" not in told(BUNDLED)


def test_services_without_examples_are_spoken_of_where_there_are_any() -> None:
    """Titles are all that is known of them."""
    assert "Services without examples" in told({**OWN, "services": 4})
    assert "Services without examples" not in told(OWN)

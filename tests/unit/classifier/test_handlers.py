"""Specifies what is said of a text."""

from dataclasses import replace
from pathlib import Path

import pytest

from classifier import artifact
from classifier.domain import (
    MAX_SUGGESTIONS,
    NEVER,
    OUT_OF_SCOPE,
    Language,
    NoModelError,
    Thresholds,
    ThresholdTable,
)
from classifier.handlers import classify
from classifier.watch import LiveModels
from services.chassis.masking import mask
from tests.unit.classifier.corpus import KNOWN


@pytest.fixture
def models(folder: Path) -> LiveModels:
    models = LiveModels()
    models.replace(artifact.load(folder, KNOWN), "v1")
    return models


def test_the_right_service_comes_first(models: LiveModels) -> None:
    """In whatever language it is asked for."""
    told = classify(["загранпаспорт", "birth grant for baby"], models=models, mask=mask)

    best = [one.suggestions[0].service_id for one in told]
    assert best == ["identity.passport", "family.birth-allowance"]


def test_suggestions_come_best_first_and_are_few(models: LiveModels) -> None:
    """At most five."""
    (told,) = classify(["паспорт"], models=models, mask=mask)

    probabilities = [one.probability for one in told.suggestions]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len(probabilities) <= MAX_SUGGESTIONS


def test_out_of_scope_is_told_apart_and_never_suggested(models: LiveModels) -> None:
    """Nobody is offered the service "no service"."""
    (told,) = classify(["tell me a joke"], models=models, mask=mask)

    assert told.out_of_scope > 0.5
    assert OUT_OF_SCOPE not in {one.service_id for one in told.suggestions}


def test_the_answer_names_language_thresholds_and_model(models: LiveModels) -> None:
    """Enough to decide, and to replay the decision."""
    (told,) = classify(["загранпаспорт"], models=models, mask=mask)

    stored = models.current()
    assert (told.language, told.model) == (Language.RU, stored.id)
    assert told.thresholds == stored.thresholds.of(Language.RU)


def test_what_is_watched_for_drift_is_told(models: LiveModels) -> None:
    """How long the text is, and how many of its words the model never saw."""
    known, strange = classify(["паспорт", "йцукенгш паспорт"], models=models, mask=mask)

    assert (known.text_length, strange.text_length) == (7, 16)
    assert strange.unknown_share == known.unknown_share / 2 + 0.5


def test_why_is_told_to_who_asks(models: LiveModels) -> None:
    """The loudest words of the second text, as places; of the first nothing was asked."""
    texts = ["жер", "где получить загранпаспорт"]

    plain, told = classify(texts, models=models, mask=mask, explained=[1])

    assert plain.grounds is None
    assert told.grounds is not None
    assert told.grounds.service_id == told.suggestions[0].service_id
    first = told.grounds.words[0]
    assert texts[1][first.start : first.end] == "загранпаспорт"


def test_emergencies_are_told_to_who_asks(models: LiveModels) -> None:
    """Everywhere, unless only some places are asked."""
    texts = ["горит наш дом", "горит наш дом"]

    asked = classify(texts, models=models, mask=mask)
    second = classify(texts, models=models, mask=mask, alerted={1})

    assert [one.emergency is not None for one in asked] == [True, True]
    assert [one.emergency is not None for one in second] == [False, True]


def test_a_strange_text_has_no_way_to_a_service(models: LiveModels) -> None:
    """Its threshold is out of reach, whatever service is the likeliest."""
    stored = models.current()
    strict = {Language.EN: Thresholds(0.1, 0.05, strange=0.01)}
    models.replace(replace(stored, thresholds=ThresholdTable(strict)), "v1")

    strange, usual = classify(["tell me a joke", "driving licence"], models=models, mask=mask)

    assert (strange.thresholds.route, strange.thresholds.confirm) == (NEVER, 0.05)
    assert usual.thresholds.route == 0.1


def test_asking_why_changes_no_answer(models: LiveModels) -> None:
    """Probabilities are the same to the last bit."""
    texts = ["загранпаспорт", "бала туды", "birth grant"]

    asked = classify(texts, models=models, mask=mask, explained=[0, 1, 2])

    assert [one.suggestions for one in asked] == [
        one.suggestions for one in classify(texts, models=models, mask=mask)
    ]


def test_without_a_model_there_is_no_answer() -> None:
    """And not a guess."""
    with pytest.raises(NoModelError):
        classify(["загранпаспорт"], models=LiveModels(), mask=mask)

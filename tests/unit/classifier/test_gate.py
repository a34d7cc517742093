"""Specifies who may go live: no average makes up for a language or a service that loses."""

from dataclasses import replace
from pathlib import Path

import pytest

from classifier import artifact, gate
from classifier.artifact import ModelRefusedError
from classifier.artifact.layout import Stored
from classifier.condense import STEPS, Rows
from classifier.domain import Bounds, Example, Language, Thresholds, ThresholdTable
from classifier.evaluate import ALL, Metrics
from classifier.gate import FaultKind, Losses
from classifier.pipeline import FeatureTable, Model
from classifier.train import train
from classifier.trained import Trained
from tests.unit.classifier.corpus import ENTRIES, EXAMPLES, KNOWN, silent, unmasked

BEYOND = 1.1
"""A probability that nothing has."""
TEXTS = [Example(one.text + "!", one.label, one.language) for one in EXAMPLES]


@pytest.fixture
def live(folder: Path) -> Stored:
    return artifact.load(folder, KNOWN)


def forgetting(stored: Stored, label: str) -> Stored:
    """Return the same model, unable to see one label."""
    weights = stored.model.weights
    tables = [_forgotten(one, weights.labels.index(label)) for one in weights.tables]
    return replace(stored, model=Model(replace(weights, tables=tables)))


def _forgotten(table: FeatureTable, column: int) -> FeatureTable:
    """Let every term speak against a label as loudly as it can."""
    said = table.coefficients
    if not isinstance(said, Rows):
        return table
    steps = said.steps.copy()
    steps[:, column] = -STEPS
    return replace(table, coefficients=replace(said, steps=steps))


def test_a_model_passes_beside_itself(live: Stored) -> None:
    """Nothing is lost."""
    found = gate.compare(live, live, TEXTS, mask=unmasked)

    assert list(gate.refusals(found)) == []
    assert {one.name for one in found.services} == {one.label for one in TEXTS}


def test_a_service_that_is_lost_is_named(live: Stored) -> None:
    """However good the others became."""
    found = gate.compare(live, forgetting(live, "identity.passport"), TEXTS, mask=unmasked)

    reasons = list(gate.refusals(found, Losses(language=1.0)))

    assert [reason for reason in reasons if reason.startswith("identity.passport: ")] == reasons
    assert reasons
    assert found.services[0].name == "identity.passport"


def test_a_language_that_loses_is_named(live: Stored) -> None:
    """In words that tell how much."""
    found = gate.compare(live, forgetting(live, "identity.passport"), TEXTS, mask=unmasked)

    reasons = list(gate.refusals(found, Losses(service=2.0)))

    assert any(reason.startswith("ru: ") and "less accurate" in reason for reason in reasons)


def daring(stored: Stored, route: float, confirm: float) -> Stored:
    """Return the same model with one pair of thresholds for every language."""
    bounds = Thresholds(route, confirm)
    return replace(stored, thresholds=ThresholdTable(dict.fromkeys(Language, bounds)))


@pytest.mark.parametrize(
    ("confirm", "kinds"),
    [(0.0, {FaultKind.ROUTED}), (BEYOND, {FaultKind.ROUTED, FaultKind.LEFT})],
)
def test_a_model_that_dares_nothing_is_refused(
    live: Stored, confirm: float, kinds: set[FaultKind]
) -> None:
    """It is as accurate, and errs in nothing it routes; every case would go to people."""
    bold, timid = daring(live, 0.0, 0.0), daring(live, BEYOND, confirm)

    found = gate.compare(bold, timid, TEXTS, mask=unmasked)

    faults = list(gate.faults(found, bounds=Bounds(route_error=1.0)))
    assert {one.kind for one in faults} == kinds
    assert {one.name for one in faults} == {"all", "kk", "ru", "en"}
    assert "100% were routed, 0% would be" in str(faults[0])


def measured(count: int, *, top1: float = 0.9, routed: float = 0.5, astray: float) -> Metrics:
    """Return what was measured of a language, of which half is left to people."""
    return Metrics(count, top1, 1.0, routed, astray, 0.0, 0.0, 0.0, 0.0)


def refused(before: Metrics, after: Metrics, name: str = "kk") -> set[FaultKind]:
    """Return why a candidate is refused by what was measured of a language."""
    found = gate.Comparison({name: before}, {name: after}, [])
    return {one.kind for one in gate.faults(found)}


@pytest.mark.parametrize(
    ("live", "candidate", "kinds"),
    [
        (0.09, 0.07, set()),
        (0.09, 0.09, set()),
        (0.07, 0.09, {FaultKind.ASTRAY}),
        (0.0, 0.055, set()),
    ],
)
def test_a_model_that_errs_no_more_than_the_live_one_passes(
    live: float, candidate: float, kinds: set[FaultKind]
) -> None:
    """Though it errs more than was promised: to refuse it would keep the worse one for ever."""
    assert refused(measured(1000, astray=live), measured(1000, astray=candidate)) == kinds


def test_one_text_alone_refuses_nothing() -> None:
    """Of fifty, one is two points; two are no chance any more."""
    before = measured(50, astray=0.0)

    assert refused(before, measured(50, top1=0.88, astray=1 / 25)) == set()
    assert refused(before, measured(50, top1=0.86, astray=2 / 25)) == {
        FaultKind.LANGUAGE,
        FaultKind.ASTRAY,
    }


def test_a_language_with_few_texts_is_not_judged_by_itself() -> None:
    """Three that nobody named a language of, say; all texts together are."""
    before, after = measured(5, routed=0.8, astray=0.0), measured(5, top1=0.3, routed=0, astray=0.0)

    assert refused(before, after, "mixed") == set()
    assert refused(before, after, ALL) == {
        FaultKind.LANGUAGE,
        FaultKind.ROUTED,
        FaultKind.LEFT,
    }


def test_a_service_with_few_texts_is_not_judged_by_itself(live: Stored) -> None:
    """One text more or less would decide."""
    found = gate.compare(live, forgetting(live, "identity.passport"), TEXTS, mask=unmasked)

    assert list(gate.refusals(found, Losses(language=1.0, fewest=1000))) == []


@pytest.fixture
def two(trained: Trained, tmp_path: Path) -> tuple[str, str]:
    other = train(ENTRIES, EXAMPLES[1:], seed=7, progress=silent)
    return artifact.save(trained, tmp_path), artifact.save(other, tmp_path)


def test_the_history_tells_what_was_live_and_by_whom(two: tuple[str, str], tmp_path: Path) -> None:
    """In the order it happened."""
    artifact.publish(tmp_path, two[0])
    artifact.publish(tmp_path, two[1], by=["A", "B"], why="promoted")

    told = artifact.history(tmp_path)

    assert [one["model"] for one in told] == list(two)
    assert [one["by"] for one in told] == [[], ["A", "B"]]


def test_rolling_back_finds_what_was_live_before(two: tuple[str, str], tmp_path: Path) -> None:
    """Also after the same model went live twice."""
    for model in (two[0], two[1], two[1]):
        artifact.publish(tmp_path, model)

    assert artifact.before(tmp_path) == two[0]


@pytest.fixture
def three(trained: Trained, two: tuple[str, str], tmp_path: Path) -> tuple[str, str, str]:
    third = replace(trained, facts={**trained.facts, "seed": 9})
    return *two, artifact.save(third, tmp_path)


def roll_back(models_dir: Path) -> str:
    before = artifact.before(models_dir)
    artifact.publish(models_dir, before, why=artifact.ROLLED_BACK)
    return before


def test_a_second_rollback_goes_one_further_back(
    three: tuple[str, str, str], tmp_path: Path
) -> None:
    """It does not bring the model back that the first one took away."""
    for model in three:
        artifact.publish(tmp_path, model)

    assert [roll_back(tmp_path), roll_back(tmp_path)] == [three[1], three[0]]
    with pytest.raises(ModelRefusedError):
        artifact.before(tmp_path)


def test_what_came_after_a_rollback_is_gone_back_from_first(
    three: tuple[str, str, str], tmp_path: Path
) -> None:
    """Then comes what was live before that, and not what was taken back."""
    first, second, third = three
    artifact.publish(tmp_path, first)
    artifact.publish(tmp_path, second)
    roll_back(tmp_path)
    artifact.publish(tmp_path, third)

    assert roll_back(tmp_path) == first


def test_the_first_model_has_none_before(two: tuple[str, str], tmp_path: Path) -> None:
    """There is nothing to go back to."""
    artifact.publish(tmp_path, two[0])

    with pytest.raises(ModelRefusedError):
        artifact.before(tmp_path)


def test_a_model_is_found_by_the_beginning_of_its_id(two: tuple[str, str], tmp_path: Path) -> None:
    """As commands print it."""
    assert artifact.find(tmp_path, two[0][:12]) == two[0]


@pytest.mark.parametrize("beginning", ["", "abc", "../../etc", "zzzzzzzzzzzz", "0" * 64])
def test_no_model_is_found_by_anything_else(
    two: tuple[str, str], tmp_path: Path, beginning: str
) -> None:
    """Too short, no id, or nobody's."""
    with pytest.raises(ModelRefusedError):
        artifact.find(tmp_path, beginning)

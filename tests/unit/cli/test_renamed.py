"""Specifies that a service which was renamed keeps its examples, and the gate its texts."""

import json
from pathlib import Path

import pytest

from classifier import artifact
from classifier.domain import OUT_OF_SCOPE
from classifier.examples import labels_of
from deploy.cli import lifecycle, model
from services.catalog import store
from services.catalog.domain.editing import merge
from tests.registers import NEW, OLD, renamed


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Give texts that name a service as it was called before, so many that the gate asks of it."""
    path = tmp_path / "texts.csv"
    rows = [f"мне нужен паспорт {number},{OLD},ru" for number in range(9)]
    path.write_text("\n".join(["text,service_id,language", *rows]), "utf-8")
    return path


@pytest.fixture
def models(tmp_path: Path, cases: model.Source, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder whose live model knows the name before; the register has the new one."""
    model.train(tmp_path / "catalogue", cases, seed=0, recipe="pieces")
    changed = renamed(tmp_path / "catalogue", tmp_path / "changed")
    (changed / "retired.yaml").write_text(f"- {{id: {OLD}, successor: {NEW}}}\n", "utf-8")
    monkeypatch.setenv("QYZMET_CATALOGUE", str(changed))
    return tmp_path / "data" / "models"


def test_the_bundled_examples_are_learned_for_a_register_that_merged_services() -> None:
    """Under the ids that it has; those of the service that went are of the other."""
    bundled = store.read_folder(store.bundled_folder())
    gone, kept = bundled.services[0].id, bundled.services[1].id
    catalogue = merge(bundled, gone, kept)

    examples = model.examples_of(catalogue, model.Source())

    assert labels_of(examples) - {OUT_OF_SCOPE} <= {one.id for one in catalogue.services}
    before = model.examples_of(bundled, model.Source())
    assert [one.text for one in examples] == [one.text for one in before]


def test_a_model_that_knows_the_new_name_passes_the_gate(
    models: Path, cases: model.Source, texts: Path
) -> None:
    """Its answers are right by texts of before, as those of the model of before are."""
    candidate = model.train(None, cases, seed=5, recipe="pieces")
    assert NEW in artifact.labels(models / candidate)

    lifecycle.promote(candidate, ["A. Serik", "D. Omarova"], texts)

    assert artifact.live(models) == candidate


def test_a_model_of_before_is_measured_by_the_ids_of_today(
    models: Path, texts: Path, tmp_path: Path
) -> None:
    """Whatever the texts call the service."""
    new = tmp_path / "new.csv"
    new.write_text(texts.read_text("utf-8").replace(OLD, NEW), "utf-8")

    for file in (texts, new):
        lifecycle.evaluate_model("", file, tmp_path / "out", as_json=False)
        told = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
        assert told["metrics"]["all"]["top1"] == 1.0

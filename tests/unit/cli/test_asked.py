"""Specifies that a model is measured by somebody's own file as it was learned from it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from classifier import artifact
from classifier.labelled import Columns
from deploy.cli import lifecycle, model
from tests.unit.classifier.corpus import EXAMPLES

TWO = ["A. Serik", "D. Omarova"]
COLUMNS = Columns("words", "about")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return cases in columns of their own; what they are about is told in words."""
    path = tmp_path / "cases.csv"
    rows = [f"{one.text},{one.label}" for one in EXAMPLES]
    path.write_text("\n".join(["words,about", *rows]), "utf-8")
    return path


@pytest.fixture
def live(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Learn from it, with a register made of its labels."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("QYZMET_CATALOGUE", str(tmp_path / "catalogue"))
    return trained(file, seed=0)


def trained(file: Path, *, seed: int) -> str:
    source = model.Source(file, text="words", label="about")
    return model.train(None, source, seed=seed, recipe="pieces")


def measured(folder: Path, file: Path | None, columns: Columns) -> dict[str, object]:
    lifecycle.evaluate_model("", file, folder, columns=columns, as_json=False)
    return dict(json.loads((folder / "evaluation.json").read_text("utf-8")))


def test_what_was_learned_from_can_be_measured(live: str, file: Path, tmp_path: Path) -> None:
    """In the same columns, by the same words for services."""
    told = measured(tmp_path, file, COLUMNS)

    assert told["of_unknown_services"] == 0
    assert told["metrics"]["all"]["top1"] > 0.9  # type: ignore[index]


def test_a_second_training_on_own_cases_goes_live(
    live: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same file, named by hand or by settings."""
    models = tmp_path / "data" / "models"
    second = trained(file, seed=5)
    lifecycle.promote(second, TWO, file, columns=COLUMNS)
    assert artifact.live(models) == second

    for name, value in (("EXAMPLES", file), ("TEXT", "words"), ("LABEL", "about")):
        monkeypatch.setenv(f"QYZMET_GATE_{name}", str(value))
    third = trained(file, seed=6)
    lifecycle.promote(third, TWO, None)
    assert artifact.live(models) == third


def test_texts_of_another_register_are_warned_of(
    live: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bundled ones ask for services that an own register does not have: 0 % is no figure."""
    told = measured(tmp_path, None, COLUMNS)

    assert "OTHER_REGISTER" in capsys.readouterr().err
    assert told["of_unknown_services"] != 0


def test_texts_of_services_that_the_model_does_not_know_are_counted(
    live: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They count as wrong; whoever reads the figures knows how many."""
    some = [*EXAMPLES[:9], replace(EXAMPLES[0], label="Другая услуга")]
    mixed = tmp_path / "mixed.jsonl"
    rows = [json.dumps({"words": one.text, "about": one.label}) for one in some]
    mixed.write_text("\n".join(rows), "utf-8")

    told = measured(tmp_path, mixed, COLUMNS)

    assert told["of_unknown_services"] == 1
    assert "1 of 10 texts" in capsys.readouterr().err

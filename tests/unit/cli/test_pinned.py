"""Specifies that commands speak of the model that answers, also where a setting names it."""

import json
from pathlib import Path

import pytest

from classifier import artifact
from deploy.cli import lifecycle, model
from services.chassis.errors import ConflictError

TWO = ["A. Serik", "D. Omarova"]


@pytest.fixture
def pinned(tmp_path: Path, cases: model.Source, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of a model that a setting names, by a folder elsewhere; another is live."""
    monkeypatch.setenv("QYZMET_CATALOGUE", str(tmp_path / "catalogue"))
    for seed in (0, 5):
        made = model.train(None, cases, seed=seed, recipe="pieces")
    models = tmp_path / "data" / "models"
    (models / made).rename(tmp_path / "ours")
    monkeypatch.setenv("QYZMET_MODEL", str(tmp_path / "ours"))
    return made


def test_what_fits_is_told_of_the_pinned_model(
    pinned: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is the one that citizens are answered by."""
    assert lifecycle.check_model("", as_json=True)

    assert json.loads(capsys.readouterr().out) == {"model": pinned, "findings": []}


def test_the_pinned_model_is_measured(pinned: str, tmp_path: Path) -> None:
    """Another is where it is named."""
    texts = tmp_path / "texts.csv"
    texts.write_text("text,service_id\nпаспорт керек,service.identity-passport\n", "utf-8")
    live = str(artifact.live(tmp_path / "data" / "models"))

    for named, told in (("", pinned), (live[:12], live)):
        lifecycle.evaluate_model(named, texts, tmp_path / "out", as_json=False)
        assert json.loads((tmp_path / "out" / "evaluation.json").read_text())["model"] == told


def test_the_pinned_model_is_explained(
    pinned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where none was ever published."""
    (tmp_path / "data" / "models" / "live").unlink()

    lifecycle.explain("хочу паспорт", "", "", as_json=True)

    assert json.loads(capsys.readouterr().out)["model"] == pinned


def test_no_other_goes_live_beside_a_pinned_model(pinned: str, tmp_path: Path) -> None:
    """It would not answer, whatever the history said: as the page of models refuses it."""
    live = str(artifact.live(tmp_path / "data" / "models"))

    for act in (lambda: lifecycle.promote(live, TWO, None), lambda: lifecycle.rollback(TWO)):
        with pytest.raises(ConflictError) as refusal:
            act()
        assert refusal.value.reason == "MODEL_PINNED"

"""Specifies `qyzmet compare`, `promote` and `rollback`: who lets which model answer."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from classifier import artifact
from classifier.domain import Example
from deploy.cli import lifecycle
from deploy.cli.main import app
from services.chassis.errors import ConflictError
from tests.unit.classifier.corpus import EXAMPLES, SERVICES
from tests.unit.classifier.life import of_release_before

TWO = ("--by", "A. Serik", "--by", "D. Omarova")
SWAPPED = {
    "identity.passport": "car.driving-licence",
    "car.driving-licence": "identity.passport",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def written(path: Path, examples: Sequence[Example]) -> Path:
    """Write examples of the small register as people bring them."""
    rows = [f"{one.text},{one.label},{one.language}" for one in examples if one.label in SERVICES]
    path.write_text("\n".join(["text,service_id,language", *rows]), "utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """Train a model, one as good and one that takes passports for licences; give their ids."""
    folder = tmp_path_factory.mktemp("made")
    own = written(folder / "own.csv", EXAMPLES)
    wrong = written(
        folder / "wrong.csv",
        [replace(one, label=SWAPPED.get(one.label, one.label)) for one in EXAMPLES],
    )
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("QYZMET_DATA_DIR", str(folder))
        ids: list[str] = []
        for source, seed in ((own, 0), (own, 5), (wrong, 0)):
            told = run(
                *("train", "--catalogue", folder / "catalogue", "--examples", source),
                *("--seed", seed, "--recipe", "pieces", "--candidate"),
            )
            assert told.exit_code == 0, told.output
            ids += [one for one in artifact.stored(folder / "models") if one not in ids]
    return folder, *ids  # type: ignore[return-value]


@pytest.fixture
def models(
    made: tuple[Path, str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give a models folder of its own with the first model live, and texts for the gate."""
    folder, first, *_ = made
    (tmp_path / "models").mkdir()
    for id_ in made[1:]:
        (tmp_path / "models" / str(id_)).symlink_to(folder / "models" / str(id_))
    written(tmp_path / "own.csv", [replace(one, text=f"{one.text}!") for one in EXAMPLES])
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("QYZMET_CATALOGUE", str(folder / "catalogue"))
    monkeypatch.setenv("QYZMET_GATE_EXAMPLES", str(tmp_path / "own.csv"))
    artifact.publish(tmp_path / "models", first)
    return tmp_path / "models"


@pytest.fixture
def first(made: tuple[Path, str, str, str]) -> str:
    return made[1]


@pytest.fixture
def second(made: tuple[Path, str, str, str]) -> str:
    return made[2]


@pytest.fixture
def worse(made: tuple[Path, str, str, str]) -> str:
    return made[3]


def test_two_models_stand_beside_each_other(models: Path, second: str, worse: str) -> None:
    """With what the gate says of the one that is not live."""
    passed, refused = run("compare", second[:12]), run("compare", worse[:12])

    assert (passed.exit_code, refused.exit_code) == (0, 0), passed.output
    assert "Before" in passed.stdout
    assert "The gate lets it pass" in passed.stdout
    assert "The gate refuses: service.identity-passport" in refused.stdout


def test_a_model_goes_live_by_two_people(models: Path, second: str) -> None:
    """Whose names stand in the history."""
    answer = run("promote", second[:12], *TWO)

    assert answer.exit_code == 0, answer.output
    assert artifact.live(models) == second
    last = artifact.history(models)[-1]
    assert (last["by"], last["why"]) == (["A. Serik", "D. Omarova"], "promoted")


@pytest.mark.parametrize("by", [(), ("--by", "A. Serik"), ("--by", "A", "--by", " A ")])
def test_one_person_alone_lets_none_go_live(
    models: Path, first: str, second: str, by: Sequence[str]
) -> None:
    """Nor does one who is named twice."""
    answer = run("promote", second[:12], *by)

    assert (answer.exit_code, "TWO_PEOPLE" in answer.stderr) == (2, True)
    assert artifact.live(models) == first


def test_the_gate_refuses_a_model_for_which_services_pay(
    models: Path, first: str, worse: str
) -> None:
    """It says which, and the live model stays."""
    answer = run("promote", worse[:12], *TWO)

    assert answer.exit_code != 0
    assert "service.identity-passport" in answer.stderr
    assert artifact.live(models) == first


def test_what_was_compared_with_a_model_that_is_live_no_more_waits(
    models: Path, second: str, worse: str
) -> None:
    """Two who promote at once: the second would go live beside a model it was not measured by."""
    texts = (models.parent / "own.csv").read_text("utf-8")
    asked = models.parent / "asked.csv"
    os.mkfifo(asked)  # whoever reads it waits for who writes: the live model is known by then
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(lifecycle.promote, second, ["A. Serik", "D. Omarova"], asked)
        with asked.open("w", encoding="utf-8") as file:
            artifact.publish(models, worse)
            file.write(texts)

        with pytest.raises(ConflictError) as refusal:
            answer.result()
    assert (refusal.value.reason, artifact.live(models)) == ("LIVE_CHANGED", worse)


def test_a_gate_without_texts_of_the_register_says_so(
    models: Path, first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the texts of another register every model would be refused, or pass."""
    monkeypatch.delenv("QYZMET_GATE_EXAMPLES")

    answer = run("promote", second[:12], *TWO)

    assert (answer.exit_code, "NO_TEXTS" in answer.stderr) == (2, True)
    assert "QYZMET_GATE_EXAMPLES" in answer.stderr
    assert artifact.live(models) == first


def test_a_model_is_taken_back_by_one_person(models: Path, first: str, second: str) -> None:
    """Who takes it back is in a hurry, and answers for it by name."""
    run("promote", second[:12], *TWO)

    nobody, somebody = run("rollback"), run("rollback", "--by", "A. Serik")

    assert "NOBODY" in nobody.stderr
    assert somebody.exit_code == 0, somebody.output
    assert artifact.live(models) == first
    last = artifact.history(models)[-1]
    assert (last["by"], last["why"]) == (["A. Serik"], "rolled back")


def test_a_model_that_would_not_answer_is_not_gone_back_to(
    models: Path, first: str, second: str
) -> None:
    """It was live before an upgrade: services would refuse it, and after a restart have none."""
    older = of_release_before(models / first)
    for id_ in (older, second):
        artifact.publish(models, id_)

    answer = run("rollback", "--by", "A. Serik")

    assert (answer.exit_code, "FORMAT_UNKNOWN" in answer.stderr) == (2, True)
    assert artifact.live(models) == second

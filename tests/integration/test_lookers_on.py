"""Specifies `qyzmet shadow`, `compare --shadow`, `check-model` and `evaluate` on real models."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from classifier import artifact, proposals
from classifier.record import Record, Said, Seen
from deploy.cli.main import app
from tests.registers import renamed
from tests.unit.classifier.corpus import EXAMPLES, SERVICES


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def told(*arguments: object) -> dict[str, Any]:
    """Return the JSON a command prints."""
    answer = run(*arguments)
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a data folder with a catalogue, a live model, a candidate and labelled texts."""
    folder = tmp_path_factory.mktemp("workshop")
    texts = [f"{one.text},{one.label},{one.language}" for one in EXAMPLES if one.label in SERVICES]
    (folder / "own.csv").write_text("\n".join(["text,service_id,language", *texts]), "utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("QYZMET_DATA_DIR", str(folder))
        source = ("--catalogue", folder / "catalogue", "--examples", folder / "own.csv")
        assert run("train", *source).exit_code == 0
        assert run("train", *source, "--seed", 5, "--candidate").exit_code == 0
        monkeypatch.setenv("QYZMET_CATALOGUE", str(folder / "catalogue"))
        yield folder


@pytest.fixture
def live(workshop: Path) -> str:
    return str(artifact.live(workshop / "models"))


@pytest.fixture
def candidate(workshop: Path, live: str) -> str:
    return next(
        path.name for path in (workshop / "models").iterdir() if path.is_dir() and path.name != live
    )


def test_a_candidate_is_let_to_look_on_and_called_off(workshop: Path, candidate: str) -> None:
    """The live model stays what it is."""
    before = artifact.live(workshop / "models")

    assert run("shadow", candidate[:8]).exit_code == 0
    assert artifact.shadow(workshop / "models") == candidate
    assert run("shadow", "--off").exit_code == 0

    assert artifact.shadow(workshop / "models") is None
    assert artifact.live(workshop / "models") == before


def test_who_let_it_look_on_is_written_down_by_a_command_too(
    workshop: Path, candidate: str
) -> None:
    """In the file that the page of models shows, as far as the command was told."""
    before = len(proposals.read(workshop / "models").shadowed)
    run("shadow", candidate[:8], "--by", "A. Serik")
    run("shadow", "--off")

    told = proposals.read(workshop / "models").shadowed[before:]
    assert [(one.model, one.act.subject, one.act.reason) for one in told] == [
        (candidate, "A. Serik", "qyzmet shadow"),
        ("", "", "qyzmet shadow"),
    ]


def test_the_live_model_does_not_look_on_by_a_command(workshop: Path, live: str) -> None:
    """As it does not by the page."""
    assert "ALREADY_LIVE" in run("shadow", live[:8]).stderr
    assert artifact.shadow(workshop / "models") is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), "WHICH"), (("12345678", "--off"), "WHICH"), (("12345678",), "NOT_FOUND")],
)
def test_a_shadow_is_named_or_called_off(
    workshop: Path, arguments: tuple[str, ...], code: str
) -> None:
    """One of both, and a model that is there."""
    answer = run("shadow", *arguments)

    assert (answer.exit_code, code in answer.stderr) == (2, True)


def test_what_a_shadow_saw_is_compared(workshop: Path, live: str, candidate: str) -> None:
    """By language, and with what they differ in."""
    record = Record(workshop / "shadow" / "0.jsonl")
    for mine, its in (("a.b", "a.b"), ("a.b", "a.c")):
        record.add(
            Seen("t", "x", "kk", Said(live, mine, 0.9, "route"), Said(candidate, its, 1, "route"))
        )
    record.close()
    run("shadow", candidate)

    found = told("compare", "--shadow", "--json")

    assert found["languages"]["kk"]["agreement"] == 0.5
    assert found["differences"] == [{"live": "a.b", "shadow": "a.c", "texts": 1}]
    shown = run("compare", "--shadow").stdout
    assert "a.c" in shown


def test_without_a_shadow_there_is_nothing_to_compare(workshop: Path) -> None:
    """And that is said."""
    run("shadow", "--off")

    assert "NO_MODEL" in run("compare", "--shadow").stderr


def test_a_model_fits_the_catalogue_it_was_trained_on(workshop: Path) -> None:
    """Its card tells the version."""
    assert told("check-model", "--json")["findings"] == []


def test_what_changed_since_is_told_by_codes(
    workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that went, one that came, and the other version; status 1."""
    changed = renamed(workshop / "catalogue", tmp_path / "changed")
    monkeypatch.setenv("QYZMET_CATALOGUE", str(changed))

    answer = run("check-model", "--json")

    assert answer.exit_code == 1
    assert [(one["code"], one["concerns"][:1]) for one in json.loads(answer.stdout)["findings"]][
        :2
    ] == [
        ("UNKNOWN_LABEL", ["service.identity-passport"]),
        ("UNKNOWN_SERVICE", ["service.new-passport"]),
    ]
    assert "CATALOGUE_DRIFT" in run("check-model").stdout


def test_words_are_told_by_a_model_that_names_what_led_on(
    workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id that stopped and leads to another is no reason to refuse the model."""
    changed = renamed(workshop / "catalogue", tmp_path / "changed")
    (changed / "retired.yaml").write_text(
        "- {id: service.identity-passport, successor: service.new-passport}\n", "utf-8"
    )
    monkeypatch.setenv("QYZMET_CATALOGUE", str(changed))

    answer = run("classify", "хочу паспорт")

    assert answer.exit_code == 0, answer.output
    assert "service.new-passport" in answer.stdout


def test_an_evaluation_is_written_for_people_and_for_programs(
    workshop: Path, tmp_path: Path
) -> None:
    """With Brier scores, thresholds and the curve, by language, and figures by service."""
    texts = tmp_path / "texts.csv"
    texts.write_text(
        "text,service_id,language\nпаспорт керек,service.identity-passport,kk\n", "utf-8"
    )

    shown = told("evaluate", "--examples", texts, "--out", tmp_path / "out", "--json")

    assert json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8")) == shown
    assert {"all", "kk"} == set(shown["metrics"]) == set(shown["risk_coverage"])
    assert {"route", "confirm", "strange"} == set(shown["thresholds"]["kk"])
    assert "brier" in shown["metrics"]["kk"]
    assert shown["services"]["service.identity-passport"]["count"] == 1
    written = (tmp_path / "out" / "evaluation.md").read_text("utf-8")
    assert "risk-coverage.svg" in written
    assert (tmp_path / "out" / "risk-coverage.svg").read_text("utf-8").startswith("<svg")

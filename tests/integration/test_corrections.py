"""Corrections on their way: from a file of events, through `cases`, to a model and its card."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from deploy.cli.main import app as command
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.cases import app
from services.chassis import testing
from tests.unit.classifier.corpus import EXAMPLES, SERVICES


@dataclass
class Office:
    """A running `cases`, and the command beside it."""

    folder: Path
    stub: pb_grpc.CasesServiceStub
    ids: list[str]

    def submit(self, text: str) -> str:
        request = pb.SubmitCaseRequest(request_id=f"k{len(self.ids)}", text=text)
        self.ids.append(self.stub.SubmitCase(request).case.id)
        return self.ids[-1]

    def erase(self, case_id: str) -> None:
        """Destroy the key of a case."""
        engine = sa.create_engine(f"sqlite:///{self.folder / 'case-keys.sqlite'}")
        with engine.begin() as connection:
            (table,) = (
                name for name in sa.inspect(engine).get_table_names() if name != "alembic_version"
            )
            keys = sa.Table(table, sa.MetaData(), autoload_with=engine)
            connection.execute(keys.delete().where(keys.c.case_id == case_id))
        engine.dispose()

    def run(self, *arguments: object) -> dict[str, Any]:
        """Run the command and return the JSON it prints last, if it prints any."""
        shown = CliRunner().invoke(command, [str(one) for one in arguments])
        assert shown.exit_code == 0, shown.output
        lines = [line for line in shown.stdout.splitlines() if line.startswith("{")]
        return json.loads(lines[-1]) if lines else {}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with (
        testing.platform_in(tmp_path) as platform,
        testing.running(platform, app.build(platform)) as built,
        testing.channel_to(built.addresses["cases"]) as channel,
    ):
        monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("QYZMET_ADDRESSES__CASES", built.addresses["cases"])
        yield Office(tmp_path, pb_grpc.CasesServiceStub(channel), [])


def event(case_id: str, chosen: str = "land.plot", **changed: str) -> dict[str, str]:
    told = {"case_id": case_id, "chosen_service": chosen, "actor": "citizen", "writer": case_id}
    return {**told, "time": "2026-01-18T12:00:00.000000Z", **changed}


def events(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "events.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_words_come_masked_and_erased_ones_not_at_all(office: Office, tmp_path: Path) -> None:
    """The file names nobody, and only its owner can read it."""
    kept, erased = office.submit("жер телімі, mail@example.kz"), office.submit("участок")
    office.erase(erased)
    file, out = events(tmp_path, event(kept), event(erased)), tmp_path / "learned.jsonl"

    told = office.run("corrections", "collect", file, "--out", out)

    assert [row["text"] for row in lines(out)] == ["жер телімі, [EMAIL]"]
    assert told == {"examples": 1, "held": 0, "without_words": 1, "unlabelled": 0, "left_out": 0}
    assert out.stat().st_mode & 0o077 == 0


def test_what_the_classifier_kept_needs_no_file(office: Office, tmp_path: Path) -> None:
    """Of all its replicas, once where it was told twice; of an erased case nothing is left."""
    case, other = office.submit("участок"), office.submit("жер телімі")
    erased = office.submit("сад")
    office.erase(erased)
    folder = tmp_path / "corrections"
    folder.mkdir()
    events(folder, event(case)).rename(folder / "0.jsonl")
    events(folder, event(case), event(erased), event(other)).rename(folder / "1.jsonl")

    told = office.run("corrections", "collect", "--out", tmp_path / "learned.jsonl")

    assert told["examples"] == 2
    assert [row["case_id"] for row in lines(folder / "1.jsonl")] == [case, other]


def test_what_is_held_goes_into_a_file_of_its_own(office: Office, tmp_path: Path) -> None:
    """Without words, beside the examples."""
    case = office.submit("участок")
    file = events(tmp_path, event(case), event(case, "identity.passport"))

    office.run("corrections", "collect", file, "--out", tmp_path / "learned.jsonl")

    held = lines(tmp_path / "learned.held.jsonl")
    assert [row["why"] for row in held] == ["CONTRADICTED", "CONTRADICTED"]
    assert "участок" not in json.dumps(held, ensure_ascii=False)


def test_the_bounds_of_a_flood_are_settings(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator knows how much people say."""
    monkeypatch.setenv("QYZMET_CORRECTIONS_MOST", "1")
    cases = [office.submit(f"участок {n}") for n in range(2)]
    file = events(tmp_path, *(event(case, writer="w") for case in cases))

    told = office.run("corrections", "collect", file, "--out", tmp_path / "learned.jsonl")

    assert (told["examples"], told["held"]) == (0, 2)


def test_more_cases_than_one_call_takes_are_fetched(office: Office, tmp_path: Path) -> None:
    """In batches."""
    cases = [office.submit(f"участок {n}") for n in range(201)]
    file = events(tmp_path, *map(event, cases))

    told = office.run("corrections", "collect", file, "--out", tmp_path / "learned.jsonl")

    assert told["examples"] == 201


def test_a_model_learns_what_people_said_and_says_so(office: Office, tmp_path: Path) -> None:
    """The card counts them, for people and for programs."""
    examples, out = tmp_path / "own.csv", tmp_path / "learned.jsonl"
    texts = [f"{one.text},{one.label}" for one in EXAMPLES if one.label in SERVICES]
    examples.write_text("\n".join(["text,service_id", *texts]), "utf-8")
    cases = [office.submit(f"six acres by the lake {n}") for n in range(3)]
    file = events(tmp_path, *(event(case, "service.identity-passport") for case in cases))
    office.run("corrections", "collect", file, "--out", out)

    office.run(
        "train", "--catalogue", tmp_path / "made", "--examples", examples,
        "--with-corrections", out, "--correction-weight", 2,
    )  # fmt: skip

    model = tmp_path / "models" / (tmp_path / "models" / "live").read_text().strip()
    card = json.loads((model / "card.json").read_text("utf-8"))
    assert card["data"]["corrections"]["by_actor"] == {"citizen": 3}
    assert card["data"]["examples"] == len(texts) + 6
    assert "corrections of 3 cases (3 by citizen)" in (model / "card.md").read_text("utf-8")

"""The qyzmet command beside a running system: what each subcommand prints and counts."""

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from deploy.cli import main
from tests.e2e.conftest import Eventually
from tests.e2e.people import Person, Town
from tests.e2e.words import Words
from tests.system import ROOT, System

COMMANDS = sorted(
    name
    for name, command in get_command(main.app).commands.items()  # type: ignore[attr-defined]
    if not isinstance(command, TyperGroup)
)
STATES = ("routed", "confirmation-requested", "triaged")


@pytest.fixture(scope="module")
def helps(system: System) -> dict[str, str]:
    """Return what every command says of itself."""
    with ThreadPoolExecutor(4) as pool:
        told = pool.map(lambda name: system.run(name, "--help").stdout, COMMANDS)
        return dict(zip(COMMANDS, told, strict=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(helps: dict[str, str], name: str) -> None:
    """The help of a command ends with a line one can try."""
    assert "Example: " in helps[name]
    assert f"qyzmet {name}" in helps[name]


def test_without_a_command_all_are_listed(system: System) -> None:
    """Who types qyzmet alone sees what it can do."""
    listed = system.run().stdout

    assert [name for name in COMMANDS if f" {name} " not in listed] == []


def test_the_demo_shows_thirty_requests(system: System) -> None:
    """Each of the thirty is one row, told on one line, with the state it ended in."""
    shown = system.run("demo")

    rows = [line for line in shown.stdout.splitlines() if any(state in line for state in STATES)]
    assert (shown.returncode, len(rows)) == (0, 30)
    assert "30 requests, " in shown.stdout


def test_the_demo_says_that_nothing_runs(system: System) -> None:
    """Where nothing answers, one line says so and what to do; the status is 2."""
    shown = system.run("demo", "--url", "http://127.0.0.1:9")

    assert (shown.returncode, shown.stdout) == (2, "")
    assert "NOT_RUNNING" in shown.stderr
    assert "make up" in shown.stderr


@pytest.fixture(scope="module")
def figures(system: System, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Replay a small file with labels and return the figures it ends with."""
    path = tmp_path_factory.mktemp("replay") / "requests.csv"
    lines = (ROOT / "classifier/data/test/requests.jsonl").read_text("utf-8").splitlines()[:24]
    rows = [json.loads(line) for line in lines]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("words", "about"), *((row["text"], row["service_id"]) for row in rows)]
        )
    columns = ("--text", "words", "--label", "about")
    shown = system.run("replay", str(path), *columns, "--rate", "50", "--json")
    assert shown.returncode == 0, shown.stderr
    assert len(shown.stdout.splitlines()) == 1
    told: dict[str, Any] = json.loads(shown.stdout)
    return told


def test_a_replay_finds_each_accepted_request_in_exactly_one_place(
    figures: dict[str, Any],
) -> None:
    """Nothing is lost between the portal and the feeds, and nothing is there twice."""
    assert (figures["sent"], figures["accepted"], figures["refused"]) == (24, 24, {})
    assert figures["in_exactly_one_place"] == figures["distinct_cases"] == 24


def test_a_replays_counts_add_up(figures: dict[str, Any]) -> None:
    """Routed, with the citizen and with a person: together they are all that was accepted."""
    places = (figures["routed"], figures["confirmed"], figures["triaged"], figures["undecided"])

    assert sum(places) == figures["accepted"]
    assert figures["accuracy"]["labelled"] == figures["accepted"]
    assert figures["accuracy"]["routed"] == figures["routed"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a,b\n1,2\n", "there is no column 'words'"),
        (b"words,b\n1,2\n", "there is no column 'about'"),
        (b"words,about\n\xff\xfe,1\n", "can't decode"),
    ],
)
def test_a_replay_of_a_wrong_file_says_what_is_wrong(
    system: System, tmp_path: Path, content: bytes, told: str
) -> None:
    """A file that cannot be read ends the command with its name, and nothing is sent."""
    path = tmp_path / "requests.csv"
    path.write_bytes(content)

    shown = system.run("replay", str(path), "--text", "words", "--label", "about", "--json")

    assert (shown.returncode, shown.stdout) == (2, "")
    assert "requests.csv" in shown.stderr
    assert told in shown.stderr


def lines_of(shown: str) -> list[dict[str, Any]]:
    """Return the JSON objects printed, one a line."""
    return [json.loads(line) for line in shown.splitlines()]


def test_classify_says_what_the_portal_says(system: System, words: Words) -> None:
    """For the same words the command and POST /v1/suggestions give the same JSON."""
    texts = [words.of(outcome) for outcome in ("route", "confirm", "triage", "out-of-scope")]
    asked = "".join(json.dumps({"text": text}) + "\n" for text in texts)

    shown = system.run("classify", "--jsonl", words=asked)

    assert lines_of(shown.stdout) == [words.suggestion(text) for text in texts]


BAD_LINES = {
    "": "MALFORMED_JSON",
    "not json": "MALFORMED_JSON",
    '{"text": "cut': "MALFORMED_JSON",
    "[" * 100_000: "MALFORMED_JSON",
    '{"text": "\\ud800"}': "MALFORMED_JSON",
    "[]": "INVALID",
    '{"words": "a"}': "INVALID",
    '{"text": 5}': "INVALID",
    '{"text": ""}': "TEXT_LENGTH",
    json.dumps({"text": "a" * 5000}): "TEXT_LENGTH",
    json.dumps({"text": "a" * 600_000}): "TOO_LARGE",
}


def test_classify_answers_bad_lines_with_a_problem_and_goes_on(
    system: System, words: Words
) -> None:
    """One answer for each line, in order; the good ones between the bad ones are answered too."""
    good = words.of("route")
    asked = "".join(f"{line}\n{json.dumps({'text': good})}\n" for line in BAD_LINES)

    shown = system.run("classify", "--jsonl", words=asked)

    answers = lines_of(shown.stdout)
    assert shown.returncode == 0
    assert [answer.get("code") for answer in answers[::2]] == list(BAD_LINES.values())
    assert answers[1::2] == [words.suggestion(good)] * len(BAD_LINES)


def test_classify_shows_people_a_table(system: System, words: Words) -> None:
    """Words on the command line, even with brackets in them, are answered for people."""
    shown = system.run("classify", f"[/b] {words.of('route')}")

    assert shown.returncode == 0
    assert "outcome " in shown.stdout
    assert "probability" in shown.stdout


def test_a_token_opens_what_its_role_may(system: System, town: Town) -> None:
    """The command prints a token that the running system knows, with the offices named."""
    printed = system.run("token", "officer", "--office", "MIA", "--office", "akimat-75").stdout

    officer = Person(town.client, printed.strip())

    answers = [officer.get(f"/v1/offices/{one}/events") for one in ("MIA", "akimat-75", "MLSP")]
    assert [answer.status_code for answer in answers] == [200, 200, 404]


def test_a_refusal_is_found_by_whom_it_was_made_to(
    system: System, town: Town, eventually: Eventually
) -> None:
    """The log calls nobody by name; the command says how it calls somebody."""
    told = system.run("token", "officer", "--office", "MIA", "--subject", "900101300123").stdout
    assert Person(town.client, told.strip()).get("/v1/offices/MLSP/events").status_code == 404

    name = system.run("pseudonym", "900101300123").stdout.strip()

    def is_recorded() -> bool:
        lines = [line for line in system.log().splitlines() if name in line]
        return any("OFFICE_NOT_FOUND" in line and "officer" in line for line in lines)

    eventually(is_recorded)
    assert "900101300123" not in system.log()


def test_a_token_for_no_role_is_refused(system: System) -> None:
    """The roles there are, are named."""
    shown = system.run("token", "emperor")

    assert (shown.returncode, shown.stdout) == (2, "")
    assert "triage-officer" in shown.stderr


def test_a_broken_catalogue_is_told_by_file_and_line(system: System, tmp_path: Path) -> None:
    """Every fault names the place to mend it, and the status is 2."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name in ("catalogue", "agencies", "life-events", "regions"):
        source = ROOT / "services/catalog/data/catalogue" / f"{name}.yaml"
        (folder / source.name).write_bytes(source.read_bytes())
    (folder / "services").mkdir()
    (folder / "services" / "identity.yaml").write_text("- id: identity.passport\n  titel: x\n")

    shown = system.run("check-catalogue", str(folder))

    assert (shown.returncode, shown.stdout) == (2, "")
    assert "services/identity.yaml:2: " in shown.stderr

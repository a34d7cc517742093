"""What the README shows is true: its commands run, its links lead somewhere, its map is ours."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.config import GROUPS, Settings
from tests import settings_page
from tests.e2e import own, readme
from tests.e2e.readme import Reader
from tests.system import ROOT, System

Answers = dict[str, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Answers]:
    """Follow the README from the first command to the last."""
    folder = tmp_path_factory.mktemp("readme")
    readme.lay_out(folder, model.parent)
    own.write(folder / "my-cases.csv")
    reader = Reader(System(folder / "var"), folder)
    try:
        for command in readme.commands():
            reader.follow(command)
        yield reader.answers
    finally:
        reader.stop()


@pytest.mark.timeout(1200)  # the first waits until all were typed
@pytest.mark.parametrize("command", readme.commands())
def test_every_command_of_the_readme_runs(answers: Answers, command: str) -> None:
    """Typed as they stand, one after the other, all commands end well."""
    answer = answers[command]

    assert answer.returncode == 0, answer.stderr


def test_the_readmes_own_request_gets_a_receipt(answers: Answers) -> None:
    """The curl of the README is answered with a case."""
    [receipt] = [json.loads(answers[one].stdout) for one in answers if one.startswith("curl")]

    assert receipt["state"] == "submitted"
    assert receipt["number"].startswith("QZ-")


def test_make_up_prints_what_to_try(answers: Answers) -> None:
    """Addresses, demo tokens, and a first request with the port that listens."""
    told = answers["make up"].stdout

    assert "/docs" in told
    assert "analyst" in told
    assert "curl -s http://127.0.0.1:" in told


def test_the_readmes_replay_counts_every_request_once(answers: Answers) -> None:
    """The government's own cases, on its own catalogue, are each in exactly one place."""
    [figures] = [json.loads(answers[one].stdout) for one in answers if " replay " in one]

    assert figures["in_exactly_one_place"] == figures["accepted"] == figures["sent"] > 0


@pytest.mark.parametrize("target", readme.targets())
def test_every_make_target_named_exists(target: str) -> None:
    """What the README tells to make can be made."""
    dry = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)

    assert dry.returncode == 0, dry.stderr


def test_make_alone_lists_the_commands() -> None:
    """Every target with a sentence is shown."""
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert [name for name in ("up", "demo", "test", "check", "faults") if name not in shown] == []


@pytest.mark.parametrize("link", readme.links())
def test_every_link_leads_to_a_file(link: str) -> None:
    """No link of the README is broken."""
    assert (ROOT / link).exists()


@pytest.mark.parametrize("name", readme.folders())
def test_the_map_names_what_is_there(name: str) -> None:
    """Every folder of the map exists."""
    assert (ROOT / name).is_dir()


def test_the_page_of_settings_is_fresh() -> None:
    """The page is what the settings say; `python -m tests.settings_page` makes it anew."""
    assert settings_page.PAGE.read_text("utf-8") == settings_page.page()


@pytest.mark.parametrize(
    "name",
    [name for name in Settings.model_fields if name not in GROUPS]
    + [f"{group}__{name}" for group, held in GROUPS.items() for name in held.model_fields],
)
def test_every_setting_is_documented(name: str) -> None:
    """Each is on the page under the name one sets, with a sentence on what it is."""
    [row] = [
        line
        for line in settings_page.PAGE.read_text("utf-8").splitlines()
        if line.startswith(f"| `QYZMET_{name.upper()}` |")
    ]

    assert len(row.split("|")[3].split()) >= 2

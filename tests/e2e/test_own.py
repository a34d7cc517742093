"""A government that brings its own cases: a catalogue out of them, a model, and a system on both.

The same system shows what starting and stopping promises.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.chassis.auth import Issuer
from tests.e2e import own
from tests.e2e.people import Town
from tests.system import System
from tests.system import started as running

COLUMNS = ("--text", "words", "--label", "about")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def cases(folder: Path) -> Path:
    return own.write(folder / "my-cases.csv")


@pytest.fixture(scope="module")
def trained(folder: Path, cases: Path) -> System:
    """Train on the file; the catalogue is made out of its labels."""
    catalogue = str(folder / "my-catalogue")
    system = System(folder / "data", {"QYZMET_CATALOGUE": catalogue})
    source = ("--catalogue", catalogue, "--examples", str(cases))
    shown = system.run("train", *source, *COLUMNS, "--agency", "handled_by")
    assert shown.returncode == 0, shown.stderr
    return system


@pytest.fixture(scope="module")
def started(trained: System) -> Iterator[System]:
    """Start every service on the own catalogue and model."""
    with running(trained):
        yield trained


def listed(system: System) -> dict[str, dict[str, object]]:
    """Return every case of a system, by its id."""
    with httpx.Client(base_url=system.url) as client:
        town = Town(client, Issuer.at(system.data / "secrets"))
        return {case["id"]: case for case in town.administrator().cases()}


def test_the_catalogue_made_is_a_good_one(trained: System) -> None:
    """Every label is a service of whoever handled it, and the checker has nothing to say."""
    shown = trained.run("check-catalogue", trained.settings["QYZMET_CATALOGUE"])

    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"{len(own.MATTERS)} services")


def test_own_cases_reach_own_offices(started: System, cases: Path) -> None:
    """Replayed, the own cases are routed to the own agencies, each in exactly one place."""
    shown = started.run("replay", str(cases), *COLUMNS, "--rate", "100", "--limit", "60", "--json")

    figures = json.loads(shown.stdout)
    agencies = {f"A{number:03d}" for number in range(1, 6)}
    assert figures["in_exactly_one_place"] == figures["accepted"] == 60
    assert figures["routed"] > 30
    assert {case["office"] for case in listed(started).values() if "office" in case} <= agencies


def test_a_second_system_on_the_same_folder_is_refused(started: System) -> None:
    """Two processes never write to one data folder; the second says so and ends with 2."""
    second = System(started.data, started.settings).run("up", seconds=60)

    assert second.returncode == 2
    assert "DATA_DIR_IN_USE" in second.stderr
    assert started.is_ready()


def test_a_taken_port_is_named_before_anything_starts(started: System, folder: Path) -> None:
    """Who starts beside another system is told at once which address is taken, and what to set."""
    second = System(folder / "second", port=started.port).run("up", seconds=60)

    assert (second.returncode, second.stdout) == (2, "")
    assert f"127.0.0.1:{started.port}" in second.stderr
    assert "QYZMET_HTTP_PORT" in second.stderr
    assert "training" not in second.stderr


def test_ctrl_c_stops_everything_and_a_second_start_has_the_same_cases(started: System) -> None:
    """The end is clean, leaves no process behind, and what was kept is there again."""
    before = listed(started)
    group = started.processes["up"].pid

    status = started.stop()

    assert status == 0, started.log()[-2000:]
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    started.start()
    assert listed(started) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QYZMET_RPC_THREADS", "many"),
        ("QYZMET_ADRESSES__CASES", "127.0.0.1:1"),
        ("QYZMET_DATA_DIR", "/dev/null/data"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself(
    tmp_path: Path, name: str, value: str
) -> None:
    """A slip is told before anything starts, in one line, with status 2."""
    shown = System(tmp_path, {name: value}).run("up", seconds=60)

    assert (shown.returncode, shown.stdout) == (2, "")
    assert name in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


def test_an_own_catalogue_without_a_model_asks_for_training(tmp_path: Path, folder: Path) -> None:
    """The bundled model knows other services; it is not used in silence."""
    settings = {"QYZMET_CATALOGUE": str(folder / "my-catalogue")}

    shown = System(tmp_path, settings).run("up", seconds=60)

    assert shown.returncode == 2
    assert "NO_MODEL" in shown.stderr
    assert "qyzmet train" in shown.stderr

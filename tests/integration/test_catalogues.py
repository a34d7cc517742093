"""Specifies `qyzmet catalogue`: registers of others in, ours out."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from deploy.cli.main import app
from services.catalog import app as catalog_app
from services.catalog.domain import Retired
from services.catalog.store import bundled_folder, read_folder, save_folder
from services.chassis import testing
from tests.unit.catalog.conftest import with_words_in_order


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["catalogue", *map(str, arguments)])


def test_a_table_becomes_a_folder_and_what_was_made_up_is_told(tmp_path: Path) -> None:
    """Columns are named by who knows them."""
    table, folder = tmp_path / "theirs.csv", tmp_path / "made"
    table.write_text("Наименование;x,Орган\nВыдача паспорта,МВД\n".replace(";x", ""), "utf-8")

    told = run(
        "import", table, folder, "--column", "title_ru=Наименование", "--column", "agency=Орган"
    )

    assert json.loads(told.stdout)["filled_texts"] == 2
    assert [one.title.ru for one in read_folder(folder).services] == ["Выдача паспорта"]


@pytest.mark.parametrize("name", ["out.csv", "out.ttl", "out.jsonld"])
def test_what_is_exported_can_be_imported(tmp_path: Path, name: str) -> None:
    """A table over the folder it came from, since it tells no regions; RDF orders no keywords."""
    folder, file = tmp_path / "copy", tmp_path / name
    assert run("export", bundled_folder(), file).exit_code == 0
    if file.suffix == ".csv":
        run("export", bundled_folder(), tmp_path / "whole.ttl")
        run("import", tmp_path / "whole.ttl", folder)

    assert run("import", file, folder).exit_code == 0

    read, bundled = read_folder(folder), read_folder(bundled_folder())
    assert with_words_in_order(read) == with_words_in_order(bundled)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("import", "theirs.xml", "folder"), "FORMAT"),
        (("import", "nothing.csv", "folder"), "INPUT"),
        (("import", "nothing.ttl", "folder"), "INPUT"),
        (("import", "theirs.csv", "folder", "--column", "title"), "INVALID"),
        (("export", str(bundled_folder()), "theirs.xml"), "FORMAT"),
        (("export", str(bundled_folder()), "nowhere/theirs.csv"), "OUTPUT"),
    ],
)
def test_what_cannot_be_done_is_told_by_a_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: str
) -> None:
    """One line, and status 2."""
    monkeypatch.chdir(tmp_path)

    told = run(*arguments)

    assert told.exit_code == 2
    assert code in told.stderr


def test_without_rdflib_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who needs no RDF installs none."""
    for name in [name for name in sys.modules if name.startswith("services.catalog.store.cpsv")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("services.catalog.store.cpsv", raising=False)
    monkeypatch.setitem(sys.modules, "rdflib", None)

    told = run("export", bundled_folder(), tmp_path / "out.ttl")

    assert (told.exit_code, "qyzmet[rdf]" in told.stderr) == (2, True)


@pytest.mark.parametrize(
    "group",
    [
        ("catalogue", "import"),
        ("catalogue", "export"),
        ("catalogue", "save"),
        ("catalogue", "publish"),
        ("corrections", "collect"),
    ],
)
def test_commands_of_two_words_have_an_example(group: tuple[str, str]) -> None:
    """The help ends with a line one can try."""
    shown = CliRunner().invoke(app, [*group, "--help"]).stdout

    assert f"Example: qyzmet {' '.join(group)}" in " ".join(shown.split())


def test_files_are_published_and_what_is_current_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a running catalog, or without one."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path / "data"))
    with testing.platform_in(tmp_path / "data") as platform:
        catalog_app.build(platform).stop(1.0)
    edited, saved = tmp_path / "edited", tmp_path / "saved"
    wanted = replace(read_folder(bundled_folder()), name="Edited")
    save_folder(wanted, edited)

    assert run("publish", edited).exit_code == 0
    assert run("save", saved).exit_code == 0
    assert read_folder(saved).version == wanted.version


def test_ids_that_lead_nowhere_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that names them would be refused by the next start; what leads on is none of them."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path / "data"))
    with testing.platform_in(tmp_path / "data") as platform:
        catalog_app.build(platform).stop(1.0)
    bundled = read_folder(bundled_folder())
    gone, merged = bundled.services[:2]
    led_on = (Retired(merged.id, bundled.services[2].id),)
    save_folder(replace(bundled, services=bundled.services[2:], retired=led_on), tmp_path / "own")

    told = run("publish", tmp_path / "own")

    assert told.exit_code == 0
    assert f"1 ids lead nowhere now: {gone.id}." in told.stderr
    assert "check-model" in told.stderr
    assert "nowhere" not in run("publish", tmp_path / "own").stderr


def test_before_the_first_start_there_is_nothing_to_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is said."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path / "data"))

    assert "has not started" in run("save", tmp_path / "saved").stderr

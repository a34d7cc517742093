"""The wheel: everything the product needs is in it, and it runs where the sources are not."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.system import ROOT

SECONDS = 120
PACKAGES = ("services", "classifier", "gateway", "deploy")
NOT_SHIPPED = frozenset({"__pycache__"})


def run(*command: object, folder: Path) -> str:
    """Run a program, free of what the environment says of imports, and return its output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(one) for one in command],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> set[str]:
    """Return the names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a fresh environment that sees the libraries of this one.

    A path file makes the libraries importable, but not what is installed from sources: path
    files inside a folder that a path file names are not read.
    """
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=True)
    bin_ = home / "bin"
    run(bin_ / "python", "-m", "pip", "install", "--no-index", "--no-deps", wheel, folder=home)
    ours = run(bin_ / "python", "-c", "import site; print(site.getsitepackages()[0])", folder=home)
    libraries = sysconfig.get_paths()["purelib"]
    (Path(ours.strip()) / "libraries.pth").write_text(libraries + "\n", encoding="utf-8")
    return bin_


def test_the_installed_command_runs(scripts: Path, tmp_path: Path) -> None:
    """Far from the sources, qyzmet tells what it can do."""
    assert "replay" in run(scripts / "qyzmet", "--help", folder=tmp_path)


def test_what_runs_is_what_was_installed(scripts: Path, tmp_path: Path) -> None:
    """The fresh environment imports from the wheel, never from the sources."""
    for module in (*PACKAGES, "qyzmet.cases.v1.cases_pb2"):
        program = f"import {module} as module; print(module.__file__)"

        assert run(scripts / "python", "-c", program, folder=tmp_path).startswith(
            str(scripts.parent)
        )


def test_the_installed_command_finds_its_catalogue(scripts: Path, tmp_path: Path) -> None:
    """The bundled register is read from the wheel, and it has no faults."""
    program = "from services.catalog import store; print(store.bundled_folder())"
    folder = run(scripts / "python", "-c", program, folder=tmp_path).strip()

    assert folder.startswith(str(scripts.parent))
    assert "services" in run(scripts / "qyzmet", "check-catalogue", folder, folder=tmp_path)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_in_the_wheel(shipped: set[str], package: str) -> None:
    """Code and data alike: the catalogue, examples, policies, migrations, templates."""
    there = {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not NOT_SHIPPED & set(path.parts)
    }

    assert there - shipped == set()


@pytest.mark.parametrize(
    "kind",
    [
        "services/catalog/data/catalogue/services/identity.yaml",
        "services/catalog/data/catalogue/agencies.yaml",
        "classifier/data/examples/out-of-scope.jsonl",
        "classifier/data/demo/requests.jsonl",
        "classifier/data/emergencies.yaml",
        "services/chassis/policy.toml",
        "services/routing/data/policy.toml",
        "services/cases/migrations/cases/versions/0001_first.py",
        "services/audit/migrations/versions/0001_first.py",
        "gateway/http/templates/docs.html",
        "qyzmet/cases/v1/cases_pb2.py",
    ],
)
def test_the_wheel_has_one_of_each_kind(shipped: set[str], kind: str) -> None:
    """Were a whole kind of file moved away, this names it."""
    assert kind in shipped


def test_the_wheel_has_nothing_of_the_tests(shipped: set[str]) -> None:
    """What only we need stays at home."""
    assert {name.partition("/")[0] for name in shipped} == {
        *PACKAGES,
        "qyzmet",
        "qyzmet-0.1.0.dist-info",
    }

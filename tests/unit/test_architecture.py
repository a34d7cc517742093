"""The folder list is the architecture: contracts name every service, and files stay readable."""

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "classifier", "gateway", "deploy")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
PAGE = re.compile(r"\bdocs/[a-z0-9/-]+\.md\b")
NAMING = (".py", ".toml", ".properties", ".md", ".xml")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
REACHED_INTO = ("alembic", "kafka-python", "psycopg")
"""Libraries of which we use private names: see `noqa: SLF001`."""
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def services() -> set[str]:
    """Return the folders in services/ that are services."""
    wired = [*(ROOT / "services").glob("*/app.py"), *(ROOT / "services").glob("*/app/__init__.py")]
    folders = {path.relative_to(ROOT / "services").parts[0] for path in wired}
    assert len(folders) >= 5
    return folders


def test_every_service_has_the_same_rooms_by_contract() -> None:
    """A new service is listed in the contract of rooms."""
    assert set(CONTRACTS[0]["containers"]) == {f"services.{name}" for name in services()}


def test_every_service_is_kept_from_the_others_by_contract() -> None:
    """A new service is listed in the contract of independence, and no file stands loose beside."""
    listed = set(CONTRACTS[1]["layers"][0].replace(" ", "").split("|"))

    assert listed == services()


def test_gateway_and_classifier_are_kept_from_every_service_by_contract() -> None:
    """The list of what they may not import holds every service."""
    assert set(CONTRACTS[3]["forbidden_modules"]) == {f"services.{name}" for name in services()}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    """No file is longer than 400 lines, and no function longer than a screen."""
    text = path.read_text("utf-8")
    lengths = {
        node.name: (node.end_lineno or node.lineno) - node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert text.count("\n") <= MAX_FILE_LINES
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}


@pytest.mark.parametrize("library", REACHED_INTO)
def test_a_library_that_we_reach_into_is_one_that_was_tried(library: str) -> None:
    """The next minor release may give its private names up, and a wheel would install it."""
    requirements = [Requirement(told) for told in PROJECT["project"]["dependencies"]]
    (wanted,) = [one.specifier for one in requirements if one.name == library]
    installed = Version(version(library))

    assert wanted.contains(str(installed))
    assert not wanted.contains(f"{installed.major}.{installed.minor + 1}")


def test_pages_that_are_named_exist() -> None:
    """Whoever follows a pointer in a file of ours finds the page."""
    ours = [ROOT / "README.md", ROOT / "Makefile", ROOT / "pyproject.toml"]
    ours += [
        path
        for folder in (*PACKAGES, "docs", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in NAMING
    ]
    named = {page for path in ours for page in PAGE.findall(path.read_text("utf-8"))}

    assert len(named) > 10
    assert [page for page in sorted(named) if not (ROOT / page).is_file()] == []

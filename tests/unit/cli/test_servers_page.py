"""docs/servers.md and the command's own help tell where `make kafka` and `make postgres` listen."""

import re
from pathlib import Path

import pytest
from click import Command
from typer.main import get_group

from deploy.cli.main import app
from deploy.kafka.__main__ import PORT as KAFKA_PORT
from deploy.postgres.__main__ import PORT as POSTGRES_PORT
from deploy.postgres.server import Server
from services.chassis import config
from tests.system import ROOT

PAGE = (ROOT / "docs/servers.md").read_text("utf-8")
BUS = f"kafka://127.0.0.1:{KAFKA_PORT}"
DATABASE = Server(Path("var"), port=POSTGRES_PORT).url
UP = f"qyzmet up --bus {BUS} --database {DATABASE}"


@pytest.fixture
def up() -> Command:
    """Give the command that the page has people type."""
    return get_group(app).commands["up"]


def test_the_page_has_people_type_where_the_servers_listen() -> None:
    """Whoever follows its three terminals meets the servers of the first two."""
    assert UP in PAGE.splitlines()


@pytest.mark.parametrize("place", ["docs/servers.md", "Makefile"])
def test_a_port_that_is_told_is_one_of_the_two(place: str) -> None:
    """In words as in addresses."""
    told = re.findall(r"on port (\d+)", (ROOT / place).read_text("utf-8"))

    assert told
    assert set(told) <= {str(KAFKA_PORT), str(POSTGRES_PORT)}


def test_the_help_tells_the_same(up: Command) -> None:
    """What is seen in a terminal is typed as it stands."""
    assert UP in (up.epilog or "")


def test_the_command_takes_what_the_page_has_people_type(up: Command) -> None:
    """The flags are its own, and the settings take their values."""
    given = up.make_context("up", UP.split()[2:]).params

    settings = config.load(**given)

    assert (settings.bus, settings.database.get_secret_value()) == (BUS, DATABASE)

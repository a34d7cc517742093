"""A PostgreSQL server for tests, found in this order: the user's, a container, this machine's."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy.postgres.server import Server
from tests.servers.disk import Disk
from tests.servers.docker import found, started

VARIABLE = "TEST_POSTGRES_URL"
IMAGE = "postgres:17"

_numbers = itertools.count(1)


@contextmanager
def postgres() -> Iterator[str]:
    """Give the address of a running server; raises ServerError saying what is missing."""

    @contextmanager
    def ours() -> Iterator[str]:
        with own() as server:
            yield server.url

    with found(VARIABLE, container, ours, "PostgreSQL on this machine") as address:
        yield address


@contextmanager
def container() -> Iterator[str]:
    """Run a server in a container."""
    from testcontainers.community.postgres import PostgresContainer

    made: list[PostgresContainer] = []

    def make() -> PostgresContainer:
        made.append(PostgresContainer(IMAGE, driver=None))
        return made[0]

    with started(make):
        yield made[0].get_connection_url()


@contextmanager
def own() -> Iterator[Server]:
    """Run a server of our own, which a test may kill and pause."""
    # Not in pytest's folder: only we may enter that, and the server has its own account.
    folder = Path(tempfile.mkdtemp(prefix="qyzmet-postgres-"))
    folder.chmod(0o755)
    server = Server(folder / "data")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_on(disk: Disk) -> Iterator[Server]:
    """Run a server of our own on a disk that a test may fill up."""
    server = Server(disk.path / "data")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def fill_up(disk: Disk, server: str) -> None:
    """Leave no room but in the log of changes: a server that cannot write that ends."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
    disk.fill()


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make an empty database for one test, and give its address."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _tell(server, "CREATE DATABASE {} TEMPLATE template0", name)
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        if os.environ.get(VARIABLE):  # a server of ours is thrown away whole, which is quicker
            _tell(server, "DROP DATABASE {} WITH (FORCE)", name)


def _tell(server: str, order: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(order).format(sql.Identifier(name)))  # type: ignore[arg-type]

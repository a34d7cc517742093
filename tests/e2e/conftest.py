"""One running system for this tier, and the people around it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from deploy.ports import free_port
from services.chassis.auth import Issuer
from tests.e2e.people import Person, Town
from tests.e2e.words import Words
from tests.servers.postgres import fresh_database
from tests.system import System, started

CALL_SECONDS = 30.0
SETTLE_SECONDS = 60.0
LOOK_SECONDS = 0.02
UNDECIDED = ("submitted", "returned")

Settled = Callable[[Person, str], dict[str, Any]]
Eventually = Callable[[Callable[[], object]], None]


ON_EVERY_TIER = pytest.mark.parametrize(
    "system", ["embedded", "servers"], indirect=True, scope="package"
)
"""For tests of what must not depend on where things are kept."""


@pytest.fixture(scope="package")
def real_servers(kafka_address: str, postgres_server: str) -> Iterator[dict[str, str]]:
    """Give the settings of a system on Kafka and PostgreSQL."""
    with fresh_database(postgres_server) as url:
        yield {"QYZMET_BUS": f"kafka://{kafka_address}", "QYZMET_DATABASE": url}
        with psycopg.connect(url) as connection:
            kept = connection.execute("SELECT count(*) FROM cases.cases").fetchone()
        assert kept != (0,), "the system kept its cases elsewhere"


@pytest.fixture(scope="package", params=["embedded"])
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: Path
) -> Iterator[System]:
    """Start every service once, with the bundled model and catalogue."""
    tier = request.getfixturevalue("real_servers") if request.param == "servers" else {}
    settings = {
        "QYZMET_MODEL": str(model),
        "QYZMET_ADDRESSES__FEED": f"127.0.0.1:{free_port()}",
        "QYZMET_AUDIT__CHECKPOINT_SECONDS": "1",
        **tier,
    }
    whole = System(tmp_path_factory.mktemp("system"), settings)
    with started(whole):
        yield whole


@pytest.fixture(scope="package")
def town(system: System) -> Iterator[Town]:
    """Return the people around the running system."""
    with httpx.Client(base_url=system.url, timeout=CALL_SECONDS) as client:
        yield Town(client, Issuer.at(system.data / "secrets"))


@pytest.fixture(scope="package")
def words(town: Town) -> Words:
    """Return texts by what the running system would decide about them."""
    return Words(town.anonymous)


@pytest.fixture(scope="package")
def settled() -> Settled:
    """Wait until a case stands in a state that somebody has to answer, and return it."""

    def wait(person: Person, case_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + SETTLE_SECONDS
        while (case := person.case(case_id))["state"] in UNDECIDED:
            assert time.monotonic() < deadline, case
            time.sleep(LOOK_SECONDS)
        return case

    return wait

"""The copy of the register: fresh while the catalog answers, the last one while it does not."""

from collections.abc import Iterator
from typing import Any

import pytest

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.audit.clients import REFRESH_SECONDS, GrpcRegisters, from_proto
from services.audit.domain import NoRegisterError
from services.catalog import app as catalog_app
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.principal import Principal, Role
from tests.unit.audit.conftest import NOWHERE

AUDIT = Principal("service:audit", Role.SERVICE)


class Clock:
    """A clock that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(platform: Platform) -> Application:
    built = catalog_app.build(platform)
    built.start()
    return built


class CountingCatalog(pb_grpc.CatalogServiceServicer):
    """A peer whose register has a new version each time somebody asks."""

    asked = 0

    def GetCatalogue(self, request: Any, context: Any) -> pb.GetCatalogueResponse:
        self.asked += 1
        return pb.GetCatalogueResponse(catalogue=pb.Catalogue(version=str(self.asked)))


@pytest.fixture
def counting(platform: Platform) -> Iterator[str]:
    server = testing.peer(
        platform,
        lambda server: pb_grpc.add_CatalogServiceServicer_to_server(CountingCatalog(), server),
        "qyzmet.catalog.v1.CatalogService",
    )
    server.start()
    yield server.address
    server.stop(0.1)


@pytest.fixture
def registers(platform: Platform, catalog: Application, clock: Clock) -> Iterator[GrpcRegisters]:
    caller = testing.caller(platform, AUDIT)
    registers = GrpcRegisters(catalog.addresses["catalog"], caller, clock)
    yield registers
    registers.close()


def test_the_last_copy_is_used_while_the_catalog_is_away(
    registers: GrpcRegisters, catalog: Application, clock: Clock
) -> None:
    """A register once known stays known."""
    known = registers.latest()
    catalog.stop(grace=0.1)
    clock.now += REFRESH_SECONDS

    assert registers.latest() == known


def test_a_copy_is_asked_for_again_after_ten_seconds(
    platform: Platform, counting: str, clock: Clock
) -> None:
    """Until then the copy itself is the answer; after that, what the catalog says now."""
    registers = GrpcRegisters(counting, testing.caller(platform, AUDIT), clock)
    versions = [registers.latest().version]
    for seconds in (REFRESH_SECONDS - 1, 1):
        clock.now += seconds
        versions.append(registers.latest().version)

    assert versions == ["1", "1", "2"]
    registers.close()


def test_an_unchanged_register_keeps_its_copy(
    registers: GrpcRegisters, catalog: Application, clock: Clock
) -> None:
    """The catalog answers briefly to who has its version; the copy stays."""
    known = registers.latest()
    clock.now += REFRESH_SECONDS

    assert registers.latest() is known
    catalog.stop(grace=0.1)


def test_a_register_never_reached_is_an_error(platform: Platform, clock: Clock) -> None:
    """There is nothing to tell before the first copy."""
    registers = GrpcRegisters(NOWHERE, testing.caller(platform, AUDIT), clock)

    with pytest.raises(NoRegisterError):
        registers.latest()
    registers.close()


def test_ids_that_stopped_are_known_with_their_successors() -> None:
    """What is counted under an old id belongs to the service of today."""
    retired = [pb.RetiredService(id="a.old", successor_id="a.new")]

    assert from_proto(pb.Catalogue(retired=retired)).today("a.old") == "a.new"


def test_a_register_of_the_past_is_asked_for_once(
    platform: Platform, counting: str, clock: Clock
) -> None:
    """A version never changes."""
    registers = GrpcRegisters(counting, testing.caller(platform, AUDIT), clock)

    first, again = registers.of_version("v0"), registers.of_version("v0")

    assert first is not None
    assert first is again
    registers.close()


def test_a_version_that_is_not_kept_is_none(registers: GrpcRegisters, catalog: Application) -> None:
    """Those that are, are found by their hash."""
    known = registers.latest()

    assert registers.of_version("ab" * 32) is None
    assert registers.of_version(known.version) == known
    catalog.stop(grace=0.1)

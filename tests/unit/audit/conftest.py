"""A running audit service beside a catalog, its ledger, and analysts who call it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qyzmet.audit.v1 import audit_pb2 as pb
from qyzmet.audit.v1 import audit_pb2_grpc as pb_grpc
from services.audit import app
from services.audit.store import SqlLedger
from services.audit.store.analyst import SqlAnalyst
from services.audit.store.demand import SqlDemand
from services.catalog import app as catalog_app
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.bus.port import Message
from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.principal import Principal, Role

ANALYST = Principal("analyst", Role.ANALYST)
NOWHERE = "127.0.0.1:1"


@pytest.fixture
def ledger(settings: Settings) -> Iterator[SqlLedger]:
    database = open_database(settings, "audit", app.MIGRATIONS)
    yield SqlLedger(database)
    database.close()


@pytest.fixture
def analyst(ledger: SqlLedger) -> SqlAnalyst:
    return SqlAnalyst(ledger.database)


@pytest.fixture
def demands(ledger: SqlLedger) -> SqlDemand:
    return SqlDemand(ledger.database)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with testing.platform_in(tmp_path) as platform:
        yield platform


@dataclass
class Analysts:
    """Calls audit in an analyst's name, and tells it events."""

    platform: Platform
    built: Application
    stub: pb_grpc.AuditServiceStub

    def tell(self, *messages: Message) -> None:
        self.platform.bus.publish(messages)

    def call(self, method: str, request: Any, principal: Principal = ANALYST) -> Any:
        return testing.caller(self.platform, principal).call(getattr(self.stub, method), request)

    def coverage(self) -> pb.GetCoverageResponse:
        return self.call("GetCoverage", pb.GetCoverageRequest())

    def decisions(self, case_id: str, principal: Principal = ANALYST) -> list[pb.DecisionRecord]:
        request = pb.ListDecisionsRequest(case_id=case_id)
        return list(self.call("ListDecisions", request, principal).decisions)


def _analysts(platform: Platform) -> Iterator[Analysts]:
    with (
        testing.running(platform, app.build(platform)) as built,
        testing.channel_to(built.addresses["audit"]) as channel,
    ):
        yield Analysts(platform, built, pb_grpc.AuditServiceStub(channel))


@pytest.fixture
def catalog(platform: Platform) -> Iterator[Application]:
    with testing.running(platform, catalog_app.build(platform)) as built:
        yield built


@pytest.fixture
def analysts(platform: Platform, catalog: Application) -> Iterator[Analysts]:
    yield from _analysts(platform)


@pytest.fixture
def lonely(platform: Platform) -> Iterator[Analysts]:
    """Give analysts whose audit has never reached a catalog."""
    platform.addresses["catalog"] = NOWHERE
    yield from _analysts(platform)

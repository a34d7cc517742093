"""The running system watches its own log: a record that is missing rings."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from qyzmet.audit.v1 import audit_pb2
from services.audit import app
from services.audit.store.tables import records_table
from services.chassis import alarms, codec
from services.chassis.database import open_database
from services.chassis.testing import platform_in, running
from tests.unit.cases.conftest import cases_on


def test_a_record_that_vanished_from_the_log_rings(
    tmp_path: Path, eventually: Callable[..., None]
) -> None:
    """Nobody has to ask: the alarm names the decision whose record somebody took away."""
    watchful = {"reconcile_seconds": 0.1, "gap_seconds": 1.0}
    with (
        platform_in(tmp_path, audit=watchful) as platform,
        cases_on(platform) as cases,
        running(platform, app.build(platform)),
    ):
        database = open_database(platform.settings, "audit", app.MIGRATIONS)
        case = cases.submit(text="паспорт")
        cases.decide(case)

        def take_away() -> int:
            removed = sa.delete(records_table).where(records_table.c.case_id == case.id)
            return database.change(lambda connection: connection.execute(removed).rowcount)

        def missed() -> set[str]:
            told = platform.bus.history(alarms.TOPIC.name)
            found = [codec.decode(one.value or b"", audit_pb2.GapAlarm) for one in told]
            return {name for alarm in found for name in alarm.missing}

        eventually(take_away)
        eventually(lambda: missed() == {f"{case.id}:2"})
        database.close()

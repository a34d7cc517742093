"""What analysts are told, made anew from the topic while a running audit waits for it."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from deploy.cli import assembly
from services.audit import app, events
from services.audit.domain import CaseEvent
from services.audit.store.analyst import REBUILDING, SqlAnalyst
from services.audit.store.placing import SqlPlacing
from services.chassis.config import Settings
from services.chassis.database import open_database

BATCH = 1000


@dataclass(frozen=True, slots=True)
class _Both:
    """What is made anew of each event: the answers of analysts, and where cases stand."""

    analyst: SqlAnalyst
    placing: SqlPlacing

    def record(self, events: Sequence[CaseEvent]) -> None:
        """Follow a batch, the analyst first: what has a hole it refuses."""
        self.analyst.record(events)
        self.placing.record(events)


def rebuild(settings: Settings) -> tuple[int, int]:
    """Return how many events were followed, and how many could not be."""
    with (
        closing(open_database(settings, "audit", app.MIGRATIONS)) as database,
        closing(assembly.open_bus(settings)) as bus,
    ):
        bus.ensure_topics([events.TOPIC])
        analyst = SqlAnalyst(database, REBUILDING)
        placing = SqlPlacing(database)
        # From here on the consumer waits: all it will take afterwards lies behind this history,
        # or was seen in it.
        analyst.clear()
        placing.clear()
        both = _Both(analyst, placing)
        told = events.rebuild(bus.history(events.TOPIC.name), BATCH, analyst=both)
        analyst.go_live()
        return told

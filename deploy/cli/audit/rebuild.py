"""What analysts are told, made anew from the topic while a running audit waits for it."""

from contextlib import closing

from deploy.cli import assembly
from services.audit import app, events
from services.audit.store.analyst import REBUILDING, SqlAnalyst
from services.chassis.config import Settings
from services.chassis.database import open_database

BATCH = 1000


def rebuild(settings: Settings) -> tuple[int, int]:
    """Return how many events were followed, and how many could not be."""
    with (
        closing(open_database(settings, "audit", app.MIGRATIONS)) as database,
        closing(assembly.open_bus(settings)) as bus,
    ):
        bus.ensure_topics([events.TOPIC])
        analyst = SqlAnalyst(database, REBUILDING)
        # From here on the consumer waits: all it will take afterwards lies behind this history,
        # or was seen in it.
        analyst.clear()
        told = events.rebuild(bus.history(events.TOPIC.name), BATCH, analyst=analyst)
        analyst.go_live()
        return told

"""The register of services in force, for what is told beside the log."""

from contextlib import closing

from services.catalog import events
from services.catalog.app import MIGRATIONS
from services.catalog.domain import Catalogue
from services.catalog.store import bundled_folder, read_folder
from services.catalog.store.drafts import SqlRegister
from services.chassis.application import utc_now
from services.chassis.config import Settings
from services.chassis.database import open_database
from services.chassis.errors import UnavailableError


def in_force(settings: Settings) -> Catalogue:
    """Return what stewards published last; the files alone tell of it only until they publish."""
    with closing(open_database(settings, "catalog", MIGRATIONS)) as database:
        try:
            return SqlRegister(database, events.to_outbox, utc_now).current()
        except UnavailableError:  # catalog never began here
            return read_folder(settings.catalogue or bundled_folder())

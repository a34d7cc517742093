"""A service's own database, by SQLAlchemy Core: many threads read, one writer changes.

SQLite by default, a file for each service; PostgreSQL where the settings name
one, a schema for each service. There several processes may serve one service,
so that what is read before it is written must be locked, by `FOR UPDATE` or by
the conflict of a key.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from services.chassis import postgresql, refusals, sqlite
from services.chassis.config import Settings
from services.chassis.errors import ServiceError, UnavailableError
from services.chassis.migrations import migrate
from services.chassis.outage import Outage
from services.chassis.writer import Writer

T = TypeVar("T")
Item = TypeVar("Item")

CHANGE_SECONDS = 10.0


class Database:
    """A database that many threads read and one writer changes."""

    def __init__(self, reading: sa.Engine, writing: sa.Engine) -> None:
        self.reading = reading
        self.writing = writing
        self._outage = Outage()
        self.writer = Writer(writing, self._outage)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection for reading; what it sees does not change meanwhile."""
        self._outage.refuse()
        try:
            with self.reading.connect() as connection:
                yield connection
        except exc.SQLAlchemyError as error:
            self._outage.note(error)
            if not refusals.is_refusal(error):
                raise
            raise UnavailableError("the database does not answer") from error
        except Exception:
            self._outage.end()  # what went wrong is another's: the database answered
            raise
        self._outage.end()

    def change(self, work: Callable[[sa.Connection], T], *, seconds: float = CHANGE_SECONDS) -> T:
        """Run a change and return its result once it is committed."""
        return self.writer.run(work, seconds=seconds)

    def share(
        self,
        work: Callable[[sa.Connection, Sequence[Item]], Sequence[T | ServiceError]],
        item: Item,
        *,
        seconds: float = CHANGE_SECONDS,
    ) -> T:
        """Do the same with a work that is run once for all who bring an item at the moment.

        It answers each item with a result or an error; what it raises undoes
        all of it, and it is run again for each alone.
        """
        result: T = self.writer.share(work, item, seconds=seconds)
        return result

    def is_ready(self) -> bool:
        """Tell whether it can be read, and be written where writing failed the last time."""
        try:
            with self.read() as connection:
                connection.exec_driver_sql("SELECT 1")
            if self.writer.is_failing:
                self.change(_touch)
        except ServiceError:
            return False
        return True

    def close(self) -> None:
        """Finish what waits to be written and close."""
        self.writer.close()
        self.reading.dispose()
        self.writing.dispose()


def database_of(settings: Settings, name: str) -> Database:
    """Return a service's database as it is."""
    url = settings.database.get_secret_value()
    if url != "sqlite":
        schema = name.replace("-", "_")
        return Database(*postgresql.engines(url, schema, settings.statement_seconds))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(*sqlite.engines(settings.data_dir / f"{name}.sqlite"))


def open_database(settings: Settings, name: str, migrations: Path) -> Database:
    """Open a service's database and bring its tables up to date."""
    database = database_of(settings, name)
    try:
        migrate(database.writing, migrations)
    except exc.SQLAlchemyError as error:
        database.close()
        if refusals.is_refusal(error):
            raise refusals.why(error) from error
        raise
    except BaseException:
        database.close()
        raise
    return database


def _touch(connection: sa.Connection) -> None:
    """Write a little, to see whether it can be done again."""
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")

"""What was found when somebody looked for new topics, kept so that each is told of once."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from services.audit.domain.topics import REMEMBERED, Look, Words
from services.audit.ports import AnnounceTopic
from services.audit.store.tables import outbox, topic_looks_table
from services.chassis import sql
from services.chassis.database import Database

LOOKS = topic_looks_table.c


@dataclass(frozen=True, slots=True)
class SqlLooks:
    """The looks of late in SQL, a row for each day; words of many people, and only for a while."""

    database: Database

    def is_done(self, day: date) -> bool:
        """Tell whether somebody looked at the days up to this one."""
        wanted = sa.select(LOOKS.day).where(LOOKS.day == day.isoformat())
        with self.database.read() as connection:
            return connection.execute(wanted).first() is not None

    def keep(self, look: Look, announce: AnnounceTopic, now: datetime) -> None:
        """Keep a look, announce what nobody was told of, and forget what is long ago."""
        last = look.period.end

        def work(connection: sa.Connection) -> None:
            forgotten = (last - REMEMBERED).isoformat()
            connection.execute(sa.delete(topic_looks_table).where(LOOKS.day <= forgotten))
            rows = connection.execute(sa.select(topic_looks_table)).all()
            if any(row.day == last.isoformat() for row in rows):
                return
            known = [words for row in rows for words in _words(row.words)]
            words = msgspec.json.encode([one.words for one in look.topics]).decode()
            sql.add(connection, topic_looks_table, [{"day": last.isoformat(), "words": words}])
            if alarms := look.alarms(known):
                sql.add(connection, outbox, [announce(alarm, now) for alarm in alarms])

        self.database.change(work)


def _words(told: str) -> list[Words]:
    return msgspec.json.decode(told, type=list[Words])

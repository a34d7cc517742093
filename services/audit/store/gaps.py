"""The gaps between cases and the log, kept so that each is told of once, and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import prometheus_client
import sqlalchemy as sa

from services.audit.domain.reconciling import Gap, GapAlarm, Key, Kind, Page
from services.audit.ports import AnnounceGaps
from services.audit.store.tables import gaps_table, outbox
from services.chassis import sql
from services.chassis.database import Database

GAPS = prometheus_client.Gauge(
    "qyzmet_log_gaps",
    "Decisions without a record (missing) and records without a decision (strange).",
    ["kind"],
)
COMPARED = prometheus_client.Counter(
    "qyzmet_log_compared_total", "Decisions of cases that were held against the log."
)
KEY = sa.tuple_(gaps_table.c.case_id, gaps_table.c.case_version)


@dataclass(frozen=True, slots=True)
class SqlGaps:
    """The known gaps in SQL."""

    database: Database

    def keep(
        self, after: Key, page: Page, found: Sequence[Gap], announce: AnnounceGaps, now: datetime
    ) -> None:
        """Keep the gaps of a page in place of those known of it, and announce the new ones."""

        def work(connection: sa.Connection) -> dict[str, int]:
            where = _within(after, page)
            known = {
                Gap((row.case_id, row.case_version), Kind(row.kind))
                for row in connection.execute(sa.select(gaps_table).where(*where))
            }
            if known != set(found):
                connection.execute(sa.delete(gaps_table).where(*where))
                sql.add(connection, gaps_table, [_row(gap) for gap in found])
            if new := [gap for gap in found if gap not in known]:
                sql.add(connection, outbox, [announce(GapAlarm(new), now)])
            count = sa.select(gaps_table.c.kind, sa.func.count()).group_by(gaps_table.c.kind)
            return {row[0]: row[1] for row in connection.execute(count)}

        counts = self.database.change(work)
        for kind in Kind:
            GAPS.labels(kind=kind).set(counts.get(kind, 0))
        COMPARED.inc(len(page.decided))


def _within(after: Key, page: Page) -> list[sa.ColumnElement[bool]]:
    """Take what lies on a page; behind the last one there is nothing."""
    where = [_key(after) < KEY]
    return where if page.is_last else [*where, _key(page.last) >= KEY]


def _key(key: Key) -> sa.Tuple:
    return sa.tuple_(sa.literal(key[0], sa.Text), sa.literal(key[1], sa.BigInteger))


def _row(gap: Gap) -> dict[str, str | int]:
    case_id, version = gap.key
    return {"case_id": case_id, "case_version": version, "kind": gap.kind.value}

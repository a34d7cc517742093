"""Decisions looked for in SQL: each page begins where the one before ended, by an index.

Filters that no index knows are held against so many decisions a page, and no more: a page that
found few of them goes on behind the last it looked at, so that none takes long, whatever is asked.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from services.audit.domain.finding import FoundDecision, Place, Search
from services.audit.store.answers import reading
from services.audit.store.tables import decisions_table as decisions
from services.audit.store.tables import facts_table as facts
from services.chassis.database import Database
from services.chassis.sql import micros, time_of
from services.chassis.workdays import begin_of, end_of

SHOWN = (
    *("decision_id", "case_id", "case_version", "actor", "outcome", "service_id", "office"),
    *("channel", "model", "catalogue_version", "policy_version", "reason_code"),
)
LOOKED_THROUGH = 50_000
SCANNED = ("outcome", "language", "model")
"""What no index leads to; one for each would make every decision dearer to keep."""
ORDER = (decisions.c.decide_time, decisions.c.case_id, decisions.c.case_version)
LANGUAGE = sa.func.coalesce(facts.c.language, "").label("language")
"""The language of the case, as in every answer of an analyst."""
FIND = (
    sa.select(*(decisions.c[name] for name in SHOWN), *ORDER[:1], decisions.c.decision, LANGUAGE)
    .join(facts, facts.c.case_id == decisions.c.case_id, isouter=True)
    .order_by(*(one.desc() for one in ORDER))
)


class _Told(msgspec.Struct):
    """What only the decision as it was told says of itself."""

    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class SqlFound:
    """The decisions of the ledger, to look through."""

    database: Database
    looked_through: int = LOOKED_THROUGH

    def decisions(self, search: Search) -> tuple[Sequence[FoundDecision], Place | None]:
        """Find a page of decisions, newest first, and where it ended if more come behind."""
        with self._reading(search) as connection:
            last = self._last(connection, search)
            query = FIND.where(*_within(search, last), *_conditions(search))
            rows = connection.execute(query.limit(search.limit + 1)).all()
        page = rows[: search.limit]
        behind = _place(page[-1]) if len(rows) > len(page) else last
        return [_found(row) for row in page], behind

    def _reading(self, search: Search) -> AbstractContextManager[sa.Connection]:
        """Wait for languages to be made anew where some are asked for: all others are theirs."""
        return reading(self.database) if search.language else self.database.read()

    def _last(self, connection: sa.Connection, search: Search) -> Place | None:
        """Return the last decision a page looks at; none where it looks at all there are."""
        if not any(getattr(search, name) for name in SCANNED):
            return None
        keys = sa.select(*ORDER).where(*_within(search)).order_by(*(one.desc() for one in ORDER))
        row = connection.execute(keys.offset(self.looked_through - 1).limit(1)).first()
        return _place(row) if row else None


def _within(search: Search, last: Place | None = None) -> Iterator[sa.ColumnElement[bool]]:
    """Take what an index leads to, up to the last that is looked at."""
    # One bound by time at either end, the nearest: SQLite reads the index from the first it is
    # told up to the first it is told.
    begin, end = micros(begin_of(search.period.start)), micros(end_of(search.period.end))
    yield decisions.c.decide_time >= (last.micros if last else begin)
    if last:
        yield sa.tuple_(*ORDER) >= _key(last)
    yield decisions.c.decide_time < (min(end, search.after.micros + 1) if search.after else end)
    if search.service_id:
        yield decisions.c.service_id == search.service_id
    if search.after is not None:
        yield sa.tuple_(*ORDER) < _key(search.after)


def _conditions(search: Search) -> Iterator[sa.ColumnElement[bool]]:
    if search.outcome:
        yield decisions.c.outcome == search.outcome
    if search.language:
        yield facts.c.language == search.language
    if search.model:
        yield decisions.c.model.startswith(search.model, autoescape=True)


def _key(place: Place) -> sa.Tuple:
    return sa.tuple_(
        sa.literal(place.micros, sa.BigInteger),
        sa.literal(place.case_id),
        sa.literal(place.case_version, sa.BigInteger),
    )


def _place(row: Any) -> Place:
    return Place(row.decide_time, row.case_id, row.case_version)


def _found(row: Any) -> FoundDecision:
    return FoundDecision(
        **{name: getattr(row, name) for name in SHOWN},
        decide_time=time_of(row.decide_time),
        probability=msgspec.json.decode(row.decision, type=_Told).probability,
        language=row.language,
    )

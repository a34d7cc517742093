"""Decisions looked for in SQL: each page begins where the one before ended, by an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from services.audit.domain.finding import FoundDecision, Place, Search
from services.audit.store.tables import decisions_table as decisions
from services.audit.store.tables import facts_table as facts
from services.chassis.database import Database
from services.chassis.sql import micros, time_of
from services.chassis.workdays import begin_of, end_of

SHOWN = (
    *("decision_id", "case_id", "case_version", "actor", "outcome", "service_id", "office"),
    *("channel", "model", "catalogue_version", "policy_version", "reason_code"),
)
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

    def decisions(self, search: Search) -> tuple[Sequence[FoundDecision], Place | None]:
        """Find a page of decisions, newest first, and where it ended if more come behind."""
        query = FIND.where(*_conditions(search)).limit(search.limit + 1)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        page = rows[: search.limit]
        return [_found(row) for row in page], _place(page[-1]) if len(rows) > len(page) else None


def _conditions(search: Search) -> Iterator[sa.ColumnElement[bool]]:
    yield decisions.c.decide_time >= micros(begin_of(search.period.start))
    yield decisions.c.decide_time < micros(end_of(search.period.end))
    for name in ("service_id", "outcome"):
        if value := getattr(search, name):
            yield decisions.c[name] == value
    if search.language:
        yield facts.c.language == search.language
    if search.model:
        yield decisions.c.model.startswith(search.model, autoescape=True)
    if (after := search.after) is not None:
        yield sa.tuple_(*ORDER) < sa.tuple_(
            sa.literal(after.micros, sa.BigInteger),
            sa.literal(after.case_id),
            sa.literal(after.case_version, sa.BigInteger),
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

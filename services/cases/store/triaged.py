"""The cases that went to a person, for who looks for what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.cases.domain import Happening
from services.cases.domain.topics import Triaged
from services.cases.store.rows import case_of
from services.cases.store.tables import cases, steps
from services.chassis.database import Database
from services.chassis.principal import ANONYMOUS_SUBJECT
from services.chassis.story import SAMPLED

WEB = "web"
"""The portal of our own pages; through any other, people come under its name."""
NEWEST = (
    sa.select(cases)
    .where(cases.c.id >= sa.bindparam("first"), cases.c.id < sa.bindparam("before"))
    .where(
        sa.exists().where(
            steps.c.case_id == cases.c.id,
            steps.c.type == Happening.TRIAGED.value,
            steps.c.reason_code != SAMPLED,  # the model knew what these are about
        )
    )
    .order_by(cases.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)


@dataclass(frozen=True, slots=True)
class SqlTriaged:
    """Triaged cases in SQL, found by their ids: these are made in the order of time."""

    database: Database

    def triaged(
        self, begin: datetime, end: datetime, language: str, limit: int
    ) -> Sequence[Triaged]:
        """Find those submitted from one moment up to another, newest first."""
        found: list[Triaged] = []
        before = _first_id(end)
        with self.database.read() as connection:
            while len(found) < limit:
                wanted = {"first": _first_id(begin), "before": before, "most": limit}
                page = [_of(row) for row in connection.execute(NEWEST, wanted)]
                found += [one for one in page if language in ("", one.language)]
                if len(page) < limit:
                    break
                before = page[-1].case_id
        return found[:limit]


def _of(row: sa.Row[Any]) -> Triaged:
    """Tell of a case; who has no name, and who comes through a portal, counts as a person."""
    case = case_of(row)
    seen = case.decision.language if case.decision else None
    is_known = case.owner != ANONYMOUS_SUBJECT and case.portal == WEB
    return Triaged(
        case_id=case.id,
        person=case.owner if is_known else case.id,
        language=case.language or seen or "",
        service_id=case.judgement.service_id if case.judgement else "",
    )


def _first_id(moment: datetime) -> str:
    """Return the first id a case of a moment may have: a UUID version 7 begins with its time."""
    return str(UUID(int=int(moment.timestamp() * 1000) << 80))

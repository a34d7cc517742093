"""What offices were told of what they did, kept for whoever says the same again.

An office that lost a case may repeat itself; it is told what it was told, and
nothing of what became of the case since.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import sqlalchemy as sa

from services.cases import domain
from services.cases.domain import Case, Moved
from services.cases.ports import Change, Result, Status
from services.cases.store import statements, tables
from services.cases.store.rows import case_of, encode, step_of
from services.chassis import sql

BEGINNING = ""
"""The name of the step that a part begins with."""

_case = msgspec.json.Decoder(Case)


def tell(
    connection: sa.Connection,
    changes: Sequence[Change],
    results: Sequence[Result],
    parts: Sequence[Moved],
) -> Sequence[Result]:
    """Return the results with what is told of them, and keep that of those that are new."""
    begun = {child.parent_id: child for child, _ in parts}
    told = [
        _told(connection, change, result, begun)
        for change, result in zip(changes, results, strict=True)
    ]
    new = [
        case
        for change, result in zip(changes, told, strict=True)
        if change.keeps_answer and result.status is Status.RECORDED
        for case in (result.case, result.child)
        if case
    ]
    kept = [{"case_id": one.id, "case_version": one.version, "told": encode(one)} for one in new]
    sql.add(connection, tables.answers, kept)
    return told


def _told(
    connection: sa.Connection, change: Change, result: Result, begun: dict[str, Case]
) -> Result:
    if result.status is Status.RECORDED:
        return replace(result, child=begun.get(change.case_id))
    if result.status is not Status.REPEATED or not change.keeps_answer:
        return result
    case, child_id = _first(connection, change.case_id, change.request_id)
    child = _first(connection, child_id, BEGINNING)[0] if child_id else None
    return replace(result, case=case, child=child)


def _first(connection: sa.Connection, case_id: str, name: str) -> tuple[Case, str]:
    """Return a case as a named step left it, and the part that the step split off, if any."""
    row = connection.execute(statements.ANSWERED, {"of": case_id, "named": name}).one()
    if row.told is not None:
        return _case.decode(row.told), row.child_id or ""
    # It stands since before answers were kept.
    now = connection.execute(statements.CASES, {"ids": [case_id]}).one()
    return domain.as_of(case_of(now), step_of(row)), row.child_id or ""

"""Clocks that ran out, as delivery brings them."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.cases import domain
from services.cases.handlers.record import check_batch
from services.cases.ports import Cases, Change, Clock, Result
from services.chassis.errors import InvalidError


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A case on which something was not done in time; fields as in cases.proto."""

    case_id: str
    request_id: str
    clock: domain.Clock
    level: int
    office: str = ""


def record_overdue(late: Sequence[Late], *, cases: Cases, now: Clock) -> Sequence[Result]:
    """Record what was not done in time on many cases; each stands or falls by itself."""
    check_batch([one.case_id for one in late])
    return cases.apply([_change(one, now) for one in late])


def _change(late: Late, now: Clock) -> Change:
    name = domain.name_request("overdue", late.request_id)
    if late.level < 1:
        raise InvalidError("a level is 1 or more", field="level")
    return Change(
        late.case_id,
        0,
        name,
        lambda case: domain.overdue(
            case, late.clock, late.level, office=late.office, request_id=name, now=now()
        ),
    )

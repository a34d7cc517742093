"""Who sees which cases, as a condition in SQL."""

import sqlalchemy as sa

from services.cases.domain.moves import SEE_ALL, UNDECIDED
from services.cases.store import tables
from services.chassis.principal import Principal, Role


def visible_to(principal: Principal) -> sa.ColumnElement[bool]:
    """The same rule as domain.may_see, for many cases at once.

    But a triage officer's list is of what waits, without what they have chosen already.
    """
    if principal.role is Role.CITIZEN:
        return tables.cases.c.owner == principal.subject
    if principal.role is Role.PORTAL:
        return tables.cases.c.portal == principal.portal
    if principal.role is Role.OFFICER:
        return tables.cases.c.office.in_(sorted(principal.offices - {""}))
    if principal.role is Role.TRIAGE_OFFICER:
        return tables.cases.c.state.in_([state.value for state in UNDECIDED])
    return sa.true() if principal.role in SEE_ALL else sa.false()

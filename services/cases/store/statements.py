"""The statements of cases, each made once: to build one costs more than to run it."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.cases.store.tables import cases, counters, keys, outbox, steps, submissions, words
from services.chassis.sql import insert_into

ADD_CASE = sa.insert(cases)
ADD_WORDS = sa.insert(words)
ADD_STEPS = sa.insert(steps)
ADD_EVENTS = sa.insert(outbox)
ADD_KEY = sa.insert(keys)

MOVE_CASE = sa.update(cases).where(cases.c.id == sa.bindparam("case_id"))

CASES = sa.select(cases).where(cases.c.id.in_(sa.bindparam("ids", expanding=True)))
# In the order of ids, so that two batches cannot wait for each other.
CASES_TO_CHANGE = CASES.order_by(cases.c.id).with_for_update()

STEPS = sa.select(steps).where(steps.c.case_id == sa.bindparam("of")).order_by(steps.c.case_version)
REQUESTS = sa.select(steps.c.case_id, steps.c.request_id).where(
    steps.c.case_id.in_(sa.bindparam("ids", expanding=True))
)

SEALED = sa.select(words).where(words.c.case_id.in_(sa.bindparam("ids", expanding=True)))
KEYS = sa.select(keys).where(keys.c.case_id.in_(sa.bindparam("ids", expanding=True)))

SUBMISSION = sa.select(submissions).where(
    submissions.c.scope == sa.bindparam("of"),
    submissions.c.request_id == sa.bindparam("named"),
    submissions.c.expires > sa.bindparam("now"),
)
SWEEP = sa.delete(submissions).where(submissions.c.expires <= sa.bindparam("now"))


@lru_cache
def remember(dialect: str) -> Any:
    """Keep a submission, in place of an expired one of its name; returns nothing if it is known.

    Who brings the same meanwhile is waited for.
    """
    insert = insert_into(dialect, submissions)
    kept = ("body_mac", "case_id", "expires")
    return insert.on_conflict_do_update(
        index_elements=[submissions.c.scope, submissions.c.request_id],
        set_={name: insert.excluded[name] for name in kept},
        where=submissions.c.expires <= sa.bindparam("now"),
    ).returning(submissions.c.case_id)


@lru_cache
def count(dialect: str) -> Any:
    """Raise a counter, or begin it, and return it."""
    insert = insert_into(dialect, counters)
    return insert.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + 1}
    ).returning(counters.c.value)

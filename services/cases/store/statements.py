"""The statements of cases, each made once: to build one costs more than to run it."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.cases.domain import DECIDE
from services.cases.store.tables import (
    answers,
    cases,
    counters,
    keys,
    messages,
    steps,
    submissions,
    words,
)
from services.chassis.sql import MICROSECOND, insert_into

REMEMBERED = timedelta(days=7)
"""How long a submission answers its repetitions."""

REMOVE_KEY = sa.delete(keys).where(keys.c.case_id == sa.bindparam("of"))

CASES = sa.select(cases).where(cases.c.id.in_(sa.bindparam("ids", expanding=True)))
# In the order of ids, so that two batches cannot wait for each other.
CASES_TO_CHANGE = CASES.order_by(cases.c.id).with_for_update()

REMOVE_WORDS = sa.delete(words).where(words.c.case_id == sa.bindparam("of"))
REMOVE_MESSAGES = sa.delete(messages).where(messages.c.case_id == sa.bindparam("of"))
DECIDED = (
    sa.select(steps.c.case_id, steps.c.case_version, steps.c.event_time)
    .where(
        sa.tuple_(steps.c.case_id, steps.c.case_version)
        > sa.tuple_(sa.bindparam("after_case"), sa.bindparam("after_version", type_=sa.BigInteger))
    )
    .where(steps.c.request_id.like(f"{DECIDE}:%"))
    .order_by(steps.c.case_id, steps.c.case_version)
    .limit(sa.bindparam("most", type_=sa.Integer))
)

STEPS = sa.select(steps).where(steps.c.case_id == sa.bindparam("of")).order_by(steps.c.case_version)
REQUESTS = sa.select(
    steps.c.case_id,
    steps.c.request_id,
    steps.c.body_mac,
    steps.c.terms_mac,
    steps.c.type,
).where(steps.c.case_id.in_(sa.bindparam("ids", expanding=True)))
ANSWERED = (
    sa.select(steps, answers.c.told)
    .outerjoin(
        answers,
        (answers.c.case_id == steps.c.case_id) & (answers.c.case_version == steps.c.case_version),
    )
    .where(steps.c.case_id == sa.bindparam("of"), steps.c.request_id == sa.bindparam("named"))
)

SEALED = sa.select(words).where(words.c.case_id.in_(sa.bindparam("ids", expanding=True)))
SAID = (
    sa.select(steps, messages.c.sealed)
    .join(
        messages,
        (messages.c.case_id == steps.c.case_id) & (messages.c.case_version == steps.c.case_version),
    )
    .where(steps.c.case_id == sa.bindparam("of"))
    .order_by(steps.c.case_version)
)
KEYS = sa.select(keys).where(keys.c.case_id.in_(sa.bindparam("ids", expanding=True)))

SUBMISSION = sa.select(submissions).where(
    submissions.c.scope == sa.bindparam("of"),
    submissions.c.request_id == sa.bindparam("named"),
    submissions.c.expires > sa.bindparam("now"),
)
SWEEP = sa.delete(submissions).where(submissions.c.expires <= sa.bindparam("now"))


@lru_cache
def remember(dialect: str) -> Any:
    """Keep submissions, in place of expired ones of their names; return those that are new.

    Who brings the same meanwhile is waited for.
    """
    insert = insert_into(dialect, submissions)
    now = insert.excluded.expires - REMEMBERED // MICROSECOND
    kept = ("body_mac", "case_id", "expires")
    return insert.on_conflict_do_update(
        index_elements=[submissions.c.scope, submissions.c.request_id],
        set_={name: insert.excluded[name] for name in kept},
        where=submissions.c.expires <= now,
    ).returning(submissions.c.case_id)


@lru_cache
def count(dialect: str) -> Any:
    """Raise a counter by a value, or begin it with that, and return it."""
    insert = insert_into(dialect, counters)
    raised = {"value": counters.c.value + insert.excluded.value}
    return insert.on_conflict_do_update(index_elements=[counters.c.name], set_=raised).returning(
        counters.c.value
    )

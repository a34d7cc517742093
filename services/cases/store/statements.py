"""The statements of cases, each made once: to build one costs more than to run it."""

import sqlalchemy as sa

from services.cases.store.tables import cases, counters, keys, outbox, steps, submissions, words

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
REMEMBER = sa.insert(submissions)
# An expired one under the same name makes room.
FORGET = sa.delete(submissions).where(
    submissions.c.scope == sa.bindparam("of"), submissions.c.request_id == sa.bindparam("named")
)
SWEEP = sa.delete(submissions).where(submissions.c.expires <= sa.bindparam("now"))

COUNT = (
    sa.update(counters)
    .where(counters.c.name == sa.bindparam("counter"))
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)
BEGIN_COUNT = sa.insert(counters)

"""The log as it is read: checkpoints, records by case and decision, and proofs."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from services.audit.domain import merkle
from services.audit.domain.checkpoints import read_note
from services.audit.domain.proofs import Placed, Proof, Signed
from services.audit.domain.reconciling import Key
from services.audit.store import log
from services.audit.store.keys import LogKeys
from services.audit.store.tables import checkpoints_table, records_table
from services.chassis.database import Database
from services.chassis.sql import time_of

LATEST = sa.select(checkpoints_table).order_by(checkpoints_table.c.size.desc()).limit(1)
AT_SIZE = sa.select(checkpoints_table).where(checkpoints_table.c.size == sa.bindparam("of"))
OF_CASE = (
    sa.select(records_table)
    .where(records_table.c.case_id == sa.bindparam("of"))
    .order_by(records_table.c.leaf_index)
)
KEY = sa.tuple_(records_table.c.case_id, records_table.c.case_version)
KEYS = (
    sa.select(records_table.c.case_id, records_table.c.case_version)
    .where(
        sa.tuple_(sa.bindparam("a", type_=sa.Text), sa.bindparam("b", type_=sa.BigInteger)) < KEY
    )
    .order_by(records_table.c.case_id, records_table.c.case_version)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
OF_DECISION = sa.select(records_table).where(records_table.c.decision_id == sa.bindparam("of"))


@dataclass(frozen=True, slots=True)
class SqlLog:
    """The log in SQL, for who asks."""

    database: Database
    keys: LogKeys

    def checkpoint(self, size: int = 0) -> Signed | None:
        """Return the checkpoint of a size, or the latest; None where there is none."""
        with self.database.read() as connection:
            statement = AT_SIZE if size else LATEST
            row = connection.execute(statement, {"of": size} if size else {}).first()
        if row is None:
            return None
        found = read_note(row.note).checkpoint()
        keys = [key.text() for key in self.keys.public()]
        return Signed(found, row.note, time_of(row.sign_time), keys)

    def of_case(self, case_id: str) -> Sequence[Placed]:
        """Return the records of a case's decisions, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(OF_CASE, {"of": case_id})
            return [Placed(row.leaf_index, bytes(row.record)) for row in rows]

    def of_decision(self, decision_id: str) -> Placed | None:
        """Return the record of a decision."""
        with self.database.read() as connection:
            row = connection.execute(OF_DECISION, {"of": decision_id}).first()
        return Placed(row.leaf_index, bytes(row.record)) if row else None

    def prove(self, placed: Sequence[Placed], size: int) -> Sequence[Proof]:
        """Show that records are in the log of a size."""
        with self.database.read() as connection:
            node = log.node_in(connection)
            return [Proof(one, merkle.inclusion_proof(one.index, size, node)) for one in placed]

    def keys_behind(self, after: Key, limit: int) -> Sequence[Key]:
        """Return which versions of cases have records, in their order, behind one of them."""
        with self.database.read() as connection:
            rows = connection.execute(KEYS, {"a": after[0], "b": after[1], "most": limit})
            return [(row.case_id, row.case_version) for row in rows]

    def consistency(self, first: int, second: int) -> Sequence[bytes]:
        """Show that the log of a size is the beginning of that of a larger one."""
        with self.database.read() as connection:
            return merkle.consistency_proof(first, second, log.node_in(connection))

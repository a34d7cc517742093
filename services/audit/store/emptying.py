"""Tables emptied whole, however many rows they have, within the time that a statement may take."""

from collections.abc import Sequence

import sqlalchemy as sa


def empty(
    connection: sa.Connection, tables: Sequence[sa.Table], *, behind: sa.Table | None = None
) -> None:
    """Take every row out of tables, once nobody reads or writes them.

    On PostgreSQL rows deleted one by one take minutes where there are millions, and who began to
    read would find them gone: whoever has read the table they stand behind is waited for.
    """
    if connection.dialect.name != "postgresql":
        for table in tables:
            connection.execute(sa.delete(table))
        return
    if behind is not None:
        connection.exec_driver_sql(f'LOCK TABLE "{behind.name}" IN ACCESS EXCLUSIVE MODE')
    names = ", ".join(f'"{table.name}"' for table in tables)
    connection.exec_driver_sql(f"TRUNCATE {names}")

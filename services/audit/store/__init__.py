"""SQL ⇄ domain: the ledger, the log in it, and the keys that sign its checkpoints."""

from services.audit.store.ledger import SqlLedger
from services.audit.store.tables import offices_table, placements_table

__all__ = ["SqlLedger", "offices_table", "placements_table"]

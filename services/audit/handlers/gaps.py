"""Nothing missing, watched: the log is held against cases page by page, again and again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from services.audit import handlers
from services.audit.domain.reconciling import BEGINNING, Key, gaps
from services.audit.ports import AnnounceGaps, Clock, Decisions, Gaps, Log


@dataclass(slots=True, kw_only=True)
class GapWatch:
    """Goes through all decisions, one page a look, and begins anew behind the last."""

    log: Log
    decisions: Decisions
    kept: Gaps
    announce: AnnounceGaps
    now: Clock
    age: timedelta
    """A decision without a record is a gap when it is so old."""
    is_ours: Callable[[], bool]
    """Tells whether it is this process that looks."""
    _after: Key = field(default=BEGINNING)

    def look(self) -> None:
        """Compare the next page, keep its gaps, and ring for those that are new."""
        if not self.is_ours():
            return
        moment = self.now()
        page = handlers.page_behind(self._after, log=self.log, decisions=self.decisions)
        found = gaps(page, moment - self.age)
        self.kept.keep(self._after, page, found, self.announce, moment)
        self._after = BEGINNING if page.is_last else page.last

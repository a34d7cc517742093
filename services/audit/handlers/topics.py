"""New topics, watched: once a day cases groups the words of those that went to a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from services.audit.domain.demand import Period
from services.audit.domain.topics import DAYS, Look
from services.audit.handlers.asking import this_day
from services.audit.ports import AnnounceTopic, Clock, Looks, Triaged


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWatch:
    """Looks at the seven days up to yesterday, once for each day, and rings for what is new."""

    triaged: Triaged
    looks: Looks
    announce: AnnounceTopic
    now: Clock
    is_ours: Callable[[], bool]
    """Tells whether it is this process that looks."""

    def look(self) -> None:
        """Look, unless somebody did; every look is recorded among the readings of words."""
        last = this_day(self.now) - timedelta(1)
        if not self.is_ours() or self.looks.is_done(last):
            return
        days = Period(last - timedelta(DAYS - 1), last)
        topics = [one for one in self.triaged.topics(days) if one.is_new]
        self.looks.keep(Look(days, topics), self.announce, self.now())

"""The services there were on a day: the register keeps every version, and audit which was when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.audit.domain import Register
from services.audit.domain.coverage import Noted, Stock, stock
from services.audit.domain.demand import Period
from services.audit.handlers.asking import Asked, this_day
from services.audit.ports import Clock, Counted, Registers
from services.chassis.errors import InvalidError

MOST_CHANGES = 50
"""So many registers one answer tells of; each is asked for where it is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The registers of the past, as far as they were noted and are kept."""

    counted: Counted
    registers: Registers
    now: Clock

    def on(self, day: date, asked: Asked) -> Stock:
        """Return the services as they were on a day; of today and later days, as they are.

        Of days before the first that was noted it tells that one, and says so by its day.
        """
        today = this_day(self.now)
        if day < today and (noted := self.counted.noted(day)) is not None:
            once = self.registers.of_version(noted.version)
            if once is not None:
                return self._stock(once, noted.day, asked)
        return self._stock(self.registers.latest(), today.isoformat(), asked)

    def over(self, days: Period, asked: Asked) -> Sequence[Stock]:
        """Return the services on the first of some days, and on each on which they changed."""
        changes = list(self._changes(days))
        if len(changes) > MOST_CHANGES:
            told = f"days with at most {MOST_CHANGES} versions of the register; ask for fewer"
            raise InvalidError(told, field="start_date")
        kept = [(one.day, self.registers.of_version(one.version)) for one in changes]
        return [self._stock(once, day, asked) for day, once in kept if once is not None]

    def _changes(self, days: Period) -> Iterator[Noted]:
        """Give each register of some days with the first of them that it was in force."""
        begin, version = days.start.isoformat(), ""
        before = self.counted.noted(days.start)
        noted = [before] if before is not None and before.day < begin else []
        noted += self.counted.notes(days)
        if days.end >= (today := this_day(self.now)):
            noted.append(Noted(today.isoformat(), self.registers.latest().version))
        for one in noted:
            if one.version != version:
                yield Noted(max(begin, one.day), one.version)
            version = one.version

    def _stock(self, then: Register, day: str, asked: Asked) -> Stock:
        return stock(
            then,
            day,
            self.registers.latest(),
            service_id=asked.service_id,
            agency=asked.agency,
            life_event=asked.life_event,
        )

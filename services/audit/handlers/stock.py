"""The services there were on a day: the register keeps every version, and audit which was when."""

from datetime import date

from services.audit.domain.coverage import Stock, stock
from services.audit.handlers.asking import Asked, this_day
from services.audit.ports import Clock, Counted, Registers


def stock_of(
    asked: Asked, day: date, *, counted: Counted, registers: Registers, now: Clock
) -> Stock:
    """Return the services as they were on a day; of today and later days, as they are.

    Of days before the first that was noted it tells that one, and says so by its day.
    """
    current, today = registers.latest(), this_day(now)
    then, on = current, today.isoformat()
    if day < today and (noted := counted.noted(day)) is not None:
        once = registers.of_version(noted.version)
        then, on = (once, noted.day) if once is not None else (then, on)
    return stock(
        then,
        on,
        current,
        service_id=asked.service_id,
        agency=asked.agency,
        life_event=asked.life_event,
    )

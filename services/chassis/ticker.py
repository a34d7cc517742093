"""Does something again and again, alone among its replicas."""

from collections.abc import Callable

from services.chassis.database import Database
from services.chassis.outbox import Lease, Turn
from services.chassis.rounds import AT_ONCE, Rest, Rounds


class Ticker(Rounds):
    """Calls a work every so many seconds, and again at once while it says that there is more.

    Of several the one with the lease works.
    """

    def __init__(
        self, work: Callable[[], bool], database: Database, lease: Lease, *, seconds: float
    ) -> None:
        super().__init__(lease.name, self._tick)
        self._work = work
        self._turn = Turn(database, lease)
        self._seconds = seconds

    def _tick(self) -> Rest:
        there_is_more = self._turn.is_ours() and self._work()
        return AT_ONCE if there_is_more else Rest.whole(self._seconds)

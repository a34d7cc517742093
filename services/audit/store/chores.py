"""What is done now and then, each on a thread of its own."""

from collections.abc import Callable

from services.chassis.rounds import Rest, Rounds

AGAIN_SECONDS = 5.0


class Chore(Rounds):
    """Calls a function again and again, and sooner where it failed."""

    def __init__(
        self,
        name: str,
        do: Callable[[], object],
        seconds: float,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        super().__init__(name, self._once, failed=Rest.whole(min(again_seconds, seconds)))
        self._do = do
        self._rest = Rest.whole(seconds)

    def _once(self) -> Rest:
        self._do()
        return self._rest

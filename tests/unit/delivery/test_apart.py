"""Work that may hang takes a few threads of its own, and nobody else's time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from services.chassis.errors import DeadlineError
from services.delivery.clients.addresses import Guard, HostUnknownError, Lookups
from services.delivery.clients.apart import Apart
from services.delivery.domain.webhooks import BusyError

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def may_end() -> Iterator[threading.Event]:
    """Give what holds up work, and let it go in the end."""
    event = threading.Event()
    yield event
    event.set()


def apart(threads: int = 2, per_office: int = 1, seconds: float = 0.05) -> Apart:
    return Apart("test", threads=threads, per_office=per_office, seconds=seconds)


def hang(at: Apart, office: str, until: threading.Event) -> None:
    with pytest.raises(DeadlineError):
        at.run(office, lambda: until.wait(20))


def test_what_hangs_is_not_waited_for(may_end: threading.Event) -> None:
    """Its caller goes on after the time that was given."""
    with closing(apart()) as at:
        hang(at, "MIA", may_end)


def test_an_office_has_one_at_a_time(may_end: threading.Event) -> None:
    """Its next one is told so at once, and another office's goes through."""
    with closing(apart(seconds=1.0)) as at:
        hang(at, "MIA", may_end)

        with pytest.raises(BusyError):
            at.run("MIA", lambda: "done")
        assert at.run("akimat-75", lambda: "done") == "done"


def test_all_offices_together_take_no_more_than_its_threads(may_end: threading.Event) -> None:
    """However many of them ask for what hangs."""
    with closing(apart()) as at:
        for office in ("MIA", "MJ"):
            hang(at, office, may_end)

        with pytest.raises(BusyError):
            at.run("akimat-75", lambda: "done")


def test_there_is_room_again_after_what_hung(
    may_end: threading.Event, eventually: Eventually
) -> None:
    """Nothing is lost for ever, and whoever is answered may come again at once."""
    with closing(apart(seconds=5.0)) as at, ThreadPoolExecutor(1) as caller:
        hung = caller.submit(at.run, "MIA", lambda: may_end.wait(20))
        may_end.set()
        assert hung.result()

        assert all(at.run("MIA", lambda: True) for _ in range(50))


def test_what_goes_wrong_is_told(may_end: threading.Event) -> None:
    """As if it had been done here; also where that is a time-out of its own."""

    def fail() -> None:
        raise TimeoutError("its own")

    with closing(apart(seconds=20.0)) as at, pytest.raises(TimeoutError, match="its own"):
        at.run("MIA", fail)


def test_a_name_that_does_not_resolve_in_time_is_unknown(may_end: threading.Event) -> None:
    """A resolver that hangs holds up no thread that answers offices."""

    def resolve(host: str, port: int) -> list[str]:
        may_end.wait(20)
        return []

    with closing(apart()) as at, pytest.raises(HostUnknownError) as refused:
        Lookups(Guard(resolve=resolve), at).check("MIA", "https://office.kz/")

    assert (refused.value.reason, refused.value.field) == ("HOST_UNKNOWN", "url")

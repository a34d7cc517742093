"""What remains true when two processes do the work of one, and one of them falls behind."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.clients import Journal
from tests.faults.ground import Ground
from tests.faults.test_services import AWAY


@pytest.fixture
def second(ground: Ground) -> Iterator[Callable[[str], str]]:
    """Start second members, which end with the test."""
    started: list[str] = []

    def start(name: str) -> str:
        started.append(ground.second(name))
        return started[-1]

    yield start
    ground.system.kill(*set(started))


def test_two_relays_publish_at_once(
    ground: Ground, journal: Journal, note: Callable[..., None], second: Callable[[str], str]
) -> None:
    """One that was held while another took its lease goes on with the batch it had in hand."""

    def led_by(member: str) -> bool:
        return ground.books.rows("cases", "select holder from leases") == [(f"cases-{member}",)]

    with ground.load(journal) as clients:
        member = second("cases")
        ground.hold("cases", lambda: led_by("b"))
        clients.more(10)
        ground.system.kill(member)
        clients.until(lambda: led_by("0"))
        second("cases")

    account = ground.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert journal.refusals().keys() <= AWAY


def test_a_consumer_stands_still_longer_than_its_lease(
    ground: Ground, journal: Journal, note: Callable[..., None], second: Callable[[str], str]
) -> None:
    """Another member takes over; the first comes back and what it had in hand has no effect."""

    def delivered() -> int:
        return int(ground.books.rows("delivery", "select count(*) from feed")[0][0])

    with ground.load(journal) as clients:
        second("delivery")
        before = delivered()
        ground.hold("delivery", lambda: delivered() > before + 20)
        clients.more(10)

    account = ground.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert not journal.refusals()

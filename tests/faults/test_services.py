"""What remains true when one service is killed while the others work."""

import time
from collections.abc import Callable

import pytest

from tests.faults.clients import Journal
from tests.faults.ground import Ground, dice
from tests.system import SERVICES

AWAY = {(503, True), (504, True)}
"""How a submission may be refused: come back later, or it was not known in time."""
REFUSING = {"cases", "gateway"}
"""Without these nothing can be accepted; without any other, everything is."""


def kill_in_turn(ground: Ground, journal: Journal, names: tuple[str, ...]) -> None:
    """Kill each of these services in the middle of load, and start it again a moment later."""
    chance = dice()
    with ground.load(journal) as clients:
        for name in names:
            clients.more(3)
            time.sleep(chance.uniform(0.0, 0.2))  # anywhere in the work
            ground.system.kill(name)
            if name not in REFUSING:
                clients.more(5)
            ground.system.serve(name)
            ground.system.wait_ready()


@pytest.mark.parametrize("name", SERVICES)
def test_one_is_killed(
    ground: Ground, journal: Journal, note: Callable[..., None], name: str
) -> None:
    """Nothing is lost, doubled or reordered, and only who takes requests in is ever missed."""
    kill_in_turn(ground, journal, (name,))

    account = ground.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert journal.refusals().keys() <= (AWAY if name in REFUSING else set())


@pytest.mark.many
@pytest.mark.timeout(5400)
def test_all_are_killed_again_and_again(
    ground: Ground, journal: Journal, note: Callable[..., None]
) -> None:
    """The same, ten times each, in any order."""
    names = list(SERVICES * 10)
    dice().shuffle(names)

    kill_in_turn(ground, journal, tuple(names))

    account = ground.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert journal.refusals().keys() <= AWAY

"""What remains true when the disk is full."""

from collections.abc import Callable

import pytest

from tests.faults.clients import Journal
from tests.faults.ground import Ground, Servers
from tests.faults.test_servers import LATER, UNKNOWN
from tests.servers.disk import Disk
from tests.servers.postgres import fill_up


def test_the_disk_is_full(embedded: Ground, journal: Journal, note: Callable[..., None]) -> None:
    """Submissions are told to come later, what was accepted stays, and no restart is needed."""
    with embedded.load(journal) as clients:
        embedded.system.limit_files(0)
        try:
            clients.until(lambda: clients.refused >= 20)
        finally:
            embedded.system.limit_files()
        clients.more(10)

    account = embedded.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert LATER <= journal.refusals().keys() <= LATER | UNKNOWN


@pytest.mark.many
def test_the_disk_of_postgresql_is_full(
    cramped: Servers, disk: Disk, journal: Journal, note: Callable[..., None]
) -> None:
    """The same, and the server is not started again either."""
    with cramped.load(journal) as clients:
        fill_up(disk, cramped.database)
        try:
            clients.until(lambda: clients.refused >= 20)
        finally:
            disk.free()
        clients.more(10)

    account = cramped.audit(journal)
    note(account, refused=journal.refusals().total())
    assert account.is_clean, account
    assert LATER <= journal.refusals().keys() <= LATER | UNKNOWN

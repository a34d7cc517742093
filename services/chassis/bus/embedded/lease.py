"""Which member reads for a group: a lease with a fence, independent of wall clocks.

The holder counts up a beat. A member that stands by takes over when it has seen
the same beat for the length of the lease by its own monotonic clock, so a
clock that jumps neither shortens nor prolongs anything. Every take-over raises
the epoch, and a commit under an older epoch is refused: that is the safety.
"""

import sqlite3
from collections.abc import Callable

from services.chassis.bus.embedded.file import Reader
from services.chassis.bus.embedded.writer import Writer
from services.chassis.bus.port import LostGroupError

NOBODY = ""


class Lease:
    """One member's claim on its group."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        group: str,
        member: str,
        *,
        seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._group = group
        self._member = member
        self._seconds = seconds
        self.step = seconds / 3
        self._monotonic = monotonic
        self._fresh = True
        self._seen: tuple[int, int] | None = None
        self._since = monotonic()
        self.epoch = 0

    def hold(self) -> bool:
        """Keep the lease or try to get it; tell whether it is ours now."""
        if not self.epoch:
            return self._try_to_take()
        if self._monotonic() - self._since < self.step:
            return True
        try:
            self.renew()
        except LostGroupError:
            return False
        return True

    def renew(self) -> None:
        """Show that the holder is alive."""
        self._writer.run(self.fence)

    def fence(self, connection: sqlite3.Connection) -> None:
        """Refuse the transaction unless the lease is still ours; count up the beat."""
        beaten = connection.execute(
            "UPDATE members SET beat = beat + 1 WHERE consumers = ? AND epoch = ?",
            (self._group, self.epoch),
        )
        if not self.epoch or beaten.rowcount == 0:
            self._lose()
            raise LostGroupError
        self._since = self._monotonic()

    def _lose(self) -> None:
        """Become a member that stands by."""
        self.epoch = 0
        self._seen = None

    def _try_to_take(self) -> bool:
        """Take the lease if it is free, was ours before a restart, or has run out."""
        rows = self._reader.rows(
            "SELECT member, epoch, beat FROM members WHERE consumers = ?", (self._group,)
        )
        member, epoch, beat = rows[0] if rows else (NOBODY, 0, 0)
        if not self._may_take(member, (epoch, beat)):
            return False
        self.epoch = self._writer.run(lambda connection: self._take(connection, epoch, beat))
        self._fresh = False
        self._since = self._monotonic()
        return bool(self.epoch)

    def _may_take(self, member: str, seen: tuple[int, int]) -> bool:
        """Judge by the holder's name and by how long its beat stood still."""
        if member == NOBODY or (self._fresh and member == self._member):
            return True
        self._fresh = False  # a namesake that came later must not be thrown out in turn
        if seen != self._seen:
            self._seen, self._since = seen, self._monotonic()
        return self._monotonic() - self._since >= self._seconds

    def _take(self, connection: sqlite3.Connection, epoch: int, beat: int) -> int:
        """Write our name under a new epoch, unless somebody moved since we looked."""
        taken = connection.execute(
            "INSERT INTO members (consumers, member, epoch, beat) VALUES (?, ?, ?, 0) "
            "ON CONFLICT (consumers) DO UPDATE SET member = excluded.member, "
            "epoch = excluded.epoch, beat = 0 WHERE epoch = ? AND beat = ? RETURNING epoch",
            (self._group, self._member, epoch + 1, epoch, beat),
        ).fetchone()
        return int(taken[0]) if taken else 0

    def release(self) -> None:
        """Give the lease back so that another member need not wait."""
        epoch, self.epoch = self.epoch, 0
        if epoch:
            self._writer.run(
                lambda connection: connection.execute(
                    "UPDATE members SET member = '' WHERE consumers = ? AND epoch = ?",
                    (self._group, epoch),
                )
            )

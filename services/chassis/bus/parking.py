"""Dead letters: what cannot be handled is parked, and so is all that follows it under its key.

The topic `<topic>.dlq` holds the truth: a record put there is parked for its
group until a mark with the same origin releases it. The lot in memory is only
an index of it, without the values, and is rebuilt from the topic.
"""

from collections.abc import Mapping, Sequence

from services.chassis.bus import letters
from services.chassis.bus.index import Index, Key
from services.chassis.bus.letters import Order, Origin, Parked
from services.chassis.bus.port import Bus, Record, Topic
from services.chassis.errors import ConflictError, TooLargeError, name_of

LIMIT = 10_000


class LotFullError(ConflictError):
    """Too much is parked; re-drive some of it before this group can go on."""

    reason = "LOT_FULL"


class ParkingLot:
    """The parked records of one group, in order per key."""

    def __init__(self, bus: Bus, group: str, topics: Sequence[str], *, limit: int = LIMIT) -> None:
        self._bus = bus
        self._group = group
        self._topics = tuple(topics)
        self._limit = limit
        lots = [Topic(topic + letters.SUFFIX, partitions=1) for topic in topics]
        bus.ensure_topics(lots)
        bus.check_writing([lot.name for lot in lots])
        self._seen: dict[str, dict[int, int]] = {}
        self._index = Index()
        self.rebuild()

    def __len__(self) -> int:
        return len(self._index)

    def rebuild(self) -> None:
        """Read the lot again from its topics, for another member may have parked meanwhile."""
        index, seen = Index(), {topic: dict[int, int]() for topic in self._topics}
        for topic in self._topics:
            self._follow(topic, index, seen[topic])
        self._index, self._seen = index, seen

    def look(self) -> None:
        """Learn what came to the topics since: what operators order."""
        for topic in self._topics:
            seen, ends = self._seen[topic], self._bus.ends(topic + letters.SUFFIX)
            if any(end > seen.get(partition, 0) for partition, end in ends.items()):
                self._follow(topic, self._index, seen)
                seen |= {part: max(end, seen.get(part, 0)) for part, end in ends.items()}

    def orders(self) -> list[Order]:
        """List the orders that nobody has answered."""
        return self._index.orders()

    def answer(
        self, orders: Sequence[Order], handled: Mapping[str, int], failed: Mapping[str, str]
    ) -> None:
        """Tell what came of orders, by key: how much was handled, and the error that ended it."""
        self._bus.publish(
            [letters.answer(o, handled.get(o.key, 0), failed.get(o.key, "")) for o in orders]
        )
        for order in orders:
            self._index.answered(order.id)

    def holds(self, topic: str, key: str) -> bool:
        """Tell whether records of this key must wait behind a parked one."""
        return self._index.holds((topic, letters.line_of(key)))

    def parked(self) -> list[Parked]:
        """List what is parked, in order per key."""
        return self._index.all()

    def of(self, topic: str, key: str) -> list[Parked]:
        """List what is parked of one key, in order."""
        return self._index.of((topic, letters.line_of(key)))

    def park(self, record: Record, error: Exception, attempts: int) -> None:
        """Park a record that failed."""
        self._add([record], name_of(error), attempts)

    def park_behind(self, records: Sequence[Record]) -> None:
        """Park records whose keys are held, without having tried them."""
        self._add(records, letters.BEHIND, 0)

    def redrive(self, topic: str, *keys: str) -> list[Record]:
        """Give the parked records of keys, each in order, to be handled and then released."""
        lines = dict.fromkeys(letters.line_of(key) for key in keys)
        wanted = [
            origin
            for line in lines
            for origin in sorted(parked.origin for parked in self._index.of((topic, line)))
        ]
        found = {
            letters.parked_in(letter).origin: letter
            for letter in self._bus.history(topic + letters.SUFFIX)
            if self._is_ours(letter) and letter.key in lines and letters.is_parked(letter)
        }
        return [self._original(found[origin]) for origin in wanted]

    def release(self, records: Sequence[Record]) -> None:
        """Mark records as done at last; a key with none left is free."""
        self._bus.publish([letters.release(self._group, record) for record in records])
        for record in records:
            self._index.remove(_key(record), _origin(record))

    def _add(self, records: Sequence[Record], error: str, attempts: int) -> None:
        """Park what is not parked yet: a crash before the commit brings the same records again."""
        index = self._index
        new = [r for r in records if not index.holds(_key(r), _origin(r))]
        if len(index) + len(new) > self._limit:
            raise LotFullError(f"{len(index)} records are parked for {self._group}; re-drive them.")
        descriptions = [letters.describe(record, error, attempts) for record in new]
        self._write(list(zip(new, descriptions, strict=True)))
        for description in descriptions:
            index.add(description)

    def _write(self, parked: Sequence[tuple[Record, Parked]]) -> None:
        """Write letters; where the topic takes less than one of ours would, only references."""
        try:
            self._bus.publish([letters.letter(self._group, *pair) for pair in parked])
        except TooLargeError:
            self._bus.publish([letters.reference(self._group, *pair) for pair in parked])

    def _original(self, letter: Record) -> Record:
        """Give the record of a letter, from where it lies if the letter has no room for it."""
        if letters.is_left_out(letter):
            return self._bus.at(*letters.parked_in(letter).origin)
        return letters.original(letter)

    def _follow(self, topic: str, index: Index, seen: dict[int, int]) -> None:
        """Follow the letters of a topic from where they were followed last."""
        for read in self._bus.history(topic + letters.SUFFIX, seen):
            if self._is_ours(read):
                index.follow(read)
            seen[read.partition] = read.offset + 1

    def _is_ours(self, read: Record) -> bool:
        return letters.group_of(read) == self._group


def _key(record: Record) -> Key:
    """Tell in which line a record waits."""
    return record.topic, letters.line_of(record.key)


def _origin(record: Record) -> Origin:
    """Tell where a record was first read."""
    return record.topic, record.partition, record.offset

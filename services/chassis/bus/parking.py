"""Dead letters: what cannot be handled is parked, and so is all that follows it under its key.

The topic `<topic>.dlq` holds the truth: a record put there is parked for its
group until a mark with the same origin releases it. The lot in memory is only
an index of it, without the values, and is rebuilt from the topic.
"""

import threading
from collections.abc import Iterator, Sequence

from services.chassis.bus import letters
from services.chassis.bus.letters import Origin, Parked
from services.chassis.bus.port import Bus, Record, Topic
from services.chassis.errors import ConflictError, TooLargeError, name_of

LIMIT = 10_000

Key = tuple[str, str]
"""A topic and a line in it."""


class LotFullError(ConflictError):
    """Too much is parked; re-drive some of it before this group can go on."""

    reason = "LOT_FULL"


class Index:
    """What is parked, by key and in order; one thread writes it, any may read it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[Key, dict[Origin, Parked]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, key: Key) -> list[Parked]:
        """List what is parked of one key."""
        with self._lock:
            return list(self._keys.get(key, {}).values())

    def all(self) -> list[Parked]:
        """List everything, in order per key."""
        with self._lock:
            return [parked for line in self._keys.values() for parked in line.values()]

    def holds(self, key: Key, origin: Origin | None = None) -> bool:
        """Tell whether the key is held, or whether this one record of it is parked."""
        with self._lock:
            line = self._keys.get(key)
            return line is not None and (origin is None or origin in line)

    def add(self, parked: Parked) -> None:
        """Put a record at the end of its key's line, unless it stands there."""
        with self._lock:
            line = self._keys.setdefault((parked.topic, parked.key), {})
            self._count += parked.origin not in line
            line.setdefault(parked.origin, parked)

    def remove(self, key: Key, origin: Origin) -> None:
        """Take a record out; a key with none left is free."""
        with self._lock:
            line = self._keys.get(key, {})
            if line.pop(origin, None) is not None:
                self._count -= 1
                if not line:
                    del self._keys[key]


class ParkingLot:
    """The parked records of one group, in order per key."""

    def __init__(self, bus: Bus, group: str, topics: Sequence[str], *, limit: int = LIMIT) -> None:
        self._bus = bus
        self._group = group
        self._topics = tuple(topics)
        self._limit = limit
        bus.ensure_topics([Topic(topic + letters.SUFFIX, partitions=1) for topic in topics])
        self._index = self._read_index()

    def rebuild(self) -> None:
        """Read the lot again from its topics, for another member may have parked meanwhile."""
        self._index = self._read_index()

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

    def redrive(self, topic: str, key: str) -> list[Record]:
        """Give the parked records of a key in order, to be handled and then released."""
        wanted = sorted(parked.origin for parked in self.of(topic, key))
        found = {
            letters.parked_in(letter).origin: letter
            for letter in self._letters(topic)
            if letter.key == letters.line_of(key) and not letters.is_release(letter)
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

    def _read_index(self) -> Index:
        """Follow all letters and releases from the beginning."""
        index = Index()
        for topic in self._topics:
            for letter in self._letters(topic):
                parked = letters.parked_in(letter)
                if letters.is_release(letter):
                    index.remove((parked.topic, parked.key), parked.origin)
                else:
                    index.add(parked)
        return index

    def _letters(self, topic: str) -> Iterator[Record]:
        """Read this group's letters of a topic."""
        history = self._bus.history(topic + letters.SUFFIX)
        return (read for read in history if read.headers.get(letters.GROUP) == self._group)


def _key(record: Record) -> Key:
    """Tell in which line a record waits."""
    return record.topic, letters.line_of(record.key)


def _origin(record: Record) -> Origin:
    """Tell where a record was first read."""
    return record.topic, record.partition, record.offset

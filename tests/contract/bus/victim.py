"""A process that publishes until it is killed, telling what the bus acknowledged."""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Message, Topic

THREADS = 3
TOPIC = "victim"


def acknowledge(line: str) -> None:
    """Tell in one write, so that a kill cannot leave half a line."""
    sys.stdout.write(line)
    sys.stdout.flush()


def publish(bus: EmbeddedBus, key: str, told: Callable[[str], None]) -> None:
    """Publish pairs of numbers under one key, each acknowledged after it is durable."""
    for n in count(0, 2):
        bus.publish([Message(TOPIC, key, str(n + i).encode()) for i in range(2)])
        told(f"{key} {n + 1}\n")


def main(path: str, run: str) -> None:
    """Publish from several threads, for ever."""
    bus = EmbeddedBus(Path(path), now=lambda: datetime.now(UTC))
    bus.ensure_topics([Topic(TOPIC, partitions=2)])
    for n in range(THREADS):
        threading.Thread(target=publish, args=(bus, f"{run}-{n}", acknowledge)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])

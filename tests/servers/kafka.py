"""A Kafka broker for tests, found in this order: the user's, a container, java on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.kafka.broker import Broker
from tests.servers.docker import has_engine

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
IMAGE = "apache/kafka:4.1.0"
CACHE = Path(__file__).parents[2] / "build" / "kafka"


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """Give the addresses of a running broker; raises BrokerError saying what is missing."""
    if given := os.environ.get(VARIABLE):
        yield given
    elif has_engine():
        with container() as address:
            yield address
    else:
        with own(folder) as broker:
            yield broker.address


@contextmanager
def container() -> Iterator[str]:
    """Run a broker in a container."""
    from testcontainers.community.kafka import KafkaContainer

    running = KafkaContainer(IMAGE).with_kraft()
    running.with_env("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "500")
    running.with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
    with running:
        yield running.get_bootstrap_server()


@contextmanager
def own(folder: Path, *, more: str = "") -> Iterator[Broker]:
    """Run a broker of our own, which a test may kill and pause."""
    broker = Broker(folder, CACHE, more=more)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()

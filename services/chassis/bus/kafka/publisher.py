"""Publishing: every message acknowledged by all replicas, or an error and a new producer.

No transactions: in kafka-python a commit may return although its records failed, or
never return. What makes an effect happen once is the outbox and the consumer's inbox.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from services.chassis.bus.kafka.connection import Connection, opened
from services.chassis.bus.kafka.refusals import KafkaUnavailableError, telling
from services.chassis.bus.port import Message, partition_of
from services.chassis.errors import ServiceError

CLOSE_SECONDS = 1.0
NAMED = 5
"""Most topics that an error names."""

log = structlog.get_logger()


class Publisher:
    """Sends messages by one producer at a time; one that is stuck is replaced."""

    def __init__(self, connection: Connection, partitions: Callable[[str], int]) -> None:
        self._connection = connection
        self._partitions = partitions
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._closed = False

    def publish(self, messages: Sequence[Message]) -> None:
        """Return once every message is acknowledged; after an error publish all again."""
        deadline = time.monotonic() + self._connection.publish
        producer = self._open()
        try:
            with telling(f"write to {_topics(messages)}"):
                sent = [self._send(producer, message) for message in messages]
                for future in sent:
                    future.get(timeout=max(0.001, deadline - time.monotonic()))
        except ServiceError as error:
            # A refused message, too, leaves a gap in what an idempotent producer has counted.
            # Its words name topics, and what the client calls the reason; nothing of a message.
            log.warning("kafka.producer_replaced", code=error.reason, why=error.message)
            self._discard(producer)
            raise

    def close(self) -> None:
        """Let go of the producer; what was acknowledged is safe."""
        self._closed = True
        if (producer := self._producer) is not None:
            self._discard(producer)

    def _send(self, producer: KafkaProducer, message: Message) -> Any:
        return producer.send(
            message.topic,
            key=message.key.encode(),
            value=message.value,
            headers=[(name, value.encode()) for name, value in message.headers.items()],
            partition=partition_of(message.key, self._partitions(message.topic)),
        )

    def _open(self) -> KafkaProducer:
        with self._lock:
            if self._closed:
                raise KafkaUnavailableError("The bus is closed.")
            if self._producer is None:
                with telling("connect"):
                    self._producer = opened(KafkaProducer, self._connection.producer())
            return self._producer

    def _discard(self, producer: KafkaProducer) -> None:
        """Close a producer whose state is in doubt; the next call makes a new one."""
        with self._lock:
            if self._producer is producer:
                self._producer = None
        try:
            producer.close(timeout=CLOSE_SECONDS)
        except KafkaError:
            # One that holds what it cannot send gives up closing here (3.0.12), and its thread
            # would go on, and send, as long as we run.
            producer._sender.force_close()  # noqa: SLF001  # no other door leads there


def _topics(messages: Sequence[Message]) -> str:
    return ", ".join(sorted({message.topic for message in messages})[:NAMED])

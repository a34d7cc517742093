"""The bus on Apache Kafka, by kafka-python: the same promises as the embedded log."""

from services.chassis.bus.kafka.bus import KafkaBus
from services.chassis.bus.kafka.connection import Connection

__all__ = ["Connection", "KafkaBus"]

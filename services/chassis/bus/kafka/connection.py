"""How clients reach the brokers, and the settings that were measured to be safe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient

HOUR_MS = 3_600_000

Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the brokers are, and how long to be patient with them; times are in seconds."""

    brokers: str
    """host:port, several with commas."""
    security: Mapping[str, Any] = field(default_factory=dict)
    """What kafka-python calls security_protocol, ssl_cafile, sasl_mechanism and so on."""
    session: float = 10.0
    """A member that sent no heartbeat for so long is replaced."""
    poll_interval: float = 300.0
    """A member that did not poll for so long is replaced; a handler may take that long."""
    publish: float = 60.0
    """A message that is not acknowledged for so long is given up, and its producer with it."""
    answer: float = 10.0
    """A broker that does not answer a request for so long is asked again."""

    def client(self, name: str) -> dict[str, Any]:
        """Return the settings of every client.

        Reconnecting after at most a second instead of thirty: measured, the first
        acknowledgement after an outage comes in under a second instead of up to thirteen.

        Asking for topics anew after ten seconds instead of five minutes: kafka-python 3.0.12
        forgets that it wanted to, where the answer to an older question comes after the wish.
        On a busy machine a new member sometimes read nothing for as long.
        """
        return {
            "bootstrap_servers": self.brokers.split(","),
            "client_id": f"qyzmet-{name}",
            "request_timeout_ms": _ms(self.answer),
            "bootstrap_timeout_ms": _ms(self.answer),
            "reconnect_backoff_max_ms": 1000,
            "metadata_max_age_ms": 10_000,
            **self.security,
        }

    def producer(self) -> dict[str, Any]:
        """Return the settings of a producer.

        No batch may reach delivery_timeout_ms: an idempotent producer of kafka-python then
        never sends again. The publisher's own deadline is far shorter.
        """
        return {
            **self.client("producer"),
            "metrics_enabled": False,
            "acks": "all",
            "enable_idempotence": True,
            "delivery_timeout_ms": HOUR_MS,
            "linger_ms": 0,
            "batch_size": 65536,
            "max_block_ms": _ms(self.answer),
            "max_request_size": 2 * 1024 * 1024,
            "allow_auto_create_topics": False,
        }

    def consumer(self) -> dict[str, Any]:
        """Return the settings of a consumer, of a group or of none."""
        return {
            **self.client("consumer"),
            "metrics_enabled": False,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "allow_auto_create_topics": False,
            "fetch_max_wait_ms": 500,
            "fetch_max_bytes": 16 * 1024 * 1024,
            "max_partition_fetch_bytes": 2 * 1024 * 1024,
        }

    def member(self, group: str, member: str) -> dict[str, Any]:
        """Return the settings of a static member: while it restarts, only its partitions wait."""
        return {
            **self.consumer(),
            "group_id": group,
            "group_instance_id": member,
            "session_timeout_ms": _ms(self.session),
            "heartbeat_interval_ms": min(3000, _ms(self.session / 4)),
            "max_poll_interval_ms": _ms(self.poll_interval),
        }


def opened(client: Callable[..., Client], settings: Mapping[str, Any]) -> Client:
    """Open a client of the brokers; one that reaches none of them is put away.

    kafka-python 3.0.12 would leave its thread running, which asks for the brokers for ever:
    one more with every attempt of an outage.
    """
    made: list[KafkaNetClient] = []

    def connect(**config: Any) -> KafkaNetClient:
        made.append(KafkaNetClient(**config))
        return made[-1]

    try:
        return client(kafka_client=connect, **settings)
    except BaseException:
        for one in made:
            one.close()
        raise


def _ms(seconds: float) -> int:
    return int(seconds * 1000)

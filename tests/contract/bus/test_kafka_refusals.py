"""A service that the brokers do not let in, or let do too little, says so in one line."""

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
import structlog
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)

from deploy.cli.assembly import open_kafka
from services.chassis import config
from services.chassis.bus.kafka import KafkaBus
from services.chassis.bus.kafka.refusals import KafkaRefusedError, KafkaUnavailableError
from services.chassis.bus.letters import SUFFIX
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Message, Topic
from tests.contract.bus.harness import read, until, values
from tests.servers.kafka_guarded import (
    ADMIN,
    ADMIN_PASSWORD,
    CLERK,
    CLERK_PASSWORD,
    Guarded,
    guarded,
    write_certificate,
)

ANSWER_SECONDS = "10"
SHORT = {"answer_seconds": "2"}
"""Where nobody is let in: it is tried again for so long."""

# kafka-python leaves the sockets of refused connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <(ssl|socket)[.]:pytest.PytestUnraisableExceptionWarning"
)

T = TypeVar("T")
Open = Callable[..., KafkaBus]
Grant = Callable[[ResourceType, str, ACLOperation], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("guarded")) as running:
        yield running


@pytest.fixture
def open_bus(server: Guarded, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open the bus as a service does, from the environment; the clerk unless told otherwise."""

    def opened(**others: str) -> KafkaBus:
        given = {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "PLAIN",
            "ssl_cafile": str(server.certificate),
            "username": CLERK,
            "password": CLERK_PASSWORD,
            "answer_seconds": ANSWER_SECONDS,
            **others,
        }
        for name, value in given.items():
            monkeypatch.setenv(f"QYZMET_KAFKA__{name.upper()}", value)
        return open_kafka(config.load(bus=f"kafka://{server.broker.address}"))

    yield opened
    gc.collect()  # here, where the warnings of its sockets are expected


@pytest.fixture
def topic(open_bus: Open) -> str:
    """Make a topic with one message."""
    name = f"guarded-{uuid4()}"
    with closing(open_bus(username=ADMIN, password=ADMIN_PASSWORD)) as bus:
        bus.ensure_topics([Topic(name, partitions=1)])
        bus.publish([Message(name, "case-1", b"one")])
    return name


@pytest.fixture
def grant(server: Guarded) -> Grant:
    """Let the clerk do one thing."""

    def granted(kind: ResourceType, name: str, operation: ACLOperation) -> None:
        who, allow = f"User:{CLERK}", ACLPermissionType.ALLOW
        with admin(server) as client:
            client.create_acls([ACL(who, "*", operation, allow, ResourcePattern(kind, name))])

    return granted


@contextmanager
def admin(server: Guarded) -> Iterator[KafkaAdminClient]:
    with closing(
        KafkaAdminClient(
            bootstrap_servers=server.broker.address,
            security_protocol="SASL_SSL",
            ssl_cafile=str(server.certificate),
            sasl_mechanism="PLAIN",
            sasl_plain_username=ADMIN,
            sasl_plain_password=ADMIN_PASSWORD,
        )
    ) as client:
        yield client


def refusal(action: Callable[[], object], wanted: str) -> str:
    """Do something until it is refused for what is wanted, and return the line that tells so.

    Brokers know of a right a moment after it was given, and busy ones do not answer in time.
    """
    told: list[str] = []

    def is_refused() -> bool:
        with pytest.raises(KafkaUnavailableError) as caught:
            action()
        told.append(caught.value.message)
        return isinstance(caught.value, KafkaRefusedError) and wanted in told[-1]

    assert until(is_refused), told[-1]
    return told[-1]


def allowed(action: Callable[[], T]) -> T:
    """Do something as soon as the brokers know of the rights given just now."""
    done: list[T] = []

    def is_done() -> bool:
        with suppress(KafkaRefusedError):
            done.append(action())
        return bool(done)

    assert until(is_done), "it is refused"
    return done[-1]


def test_a_wrong_password_is_told(open_bus: Open) -> None:
    """The client itself only says that it waited too long."""
    refusal(lambda: open_bus(password="wrong", **SHORT), "sign in")


def test_a_password_is_not_told(open_bus: Open, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither in the line nor beside it; and there is only one line, that of the error."""
    line = refusal(lambda: open_bus(password="secret-word", **SHORT), "sign in")

    assert "secret-word" not in line
    assert capfd.readouterr() == ("", "")


def test_an_unknown_certificate_is_told(open_bus: Open, tmp_path: Path) -> None:
    """TLS fails before anybody signs in."""
    write_certificate(tmp_path / "key.pem", tmp_path / "other.pem")

    other = str(tmp_path / "other.pem")

    refusal(lambda: open_bus(ssl_cafile=other, **SHORT), "CERTIFICATE_VERIFY_FAILED")


def test_another_protocol_than_the_brokers_is_told(open_bus: Open) -> None:
    """They close the connection of who speaks to them in the clear."""
    refusal(lambda: open_bus(security_protocol="PLAINTEXT", **SHORT), "security protocol")


def test_a_topic_that_may_not_be_seen_is_named(open_bus: Open, topic: str) -> None:
    """An operator reads which right to give."""
    with closing(open_bus()) as bus:
        refusal(lambda: bus.ensure_topics([Topic(topic, partitions=1)]), topic)


def test_hidden_settings_are_a_warning(open_bus: Open, topic: str, grant: Grant) -> None:
    """A service that may not see how a topic is kept runs all the same."""
    grant(ResourceType.TOPIC, topic, ACLOperation.DESCRIBE)
    with closing(open_bus()) as bus:
        (difference,) = allowed(lambda: bus.make_topics([Topic(topic, partitions=1)]))

    assert (difference.setting, difference.wanted, difference.found) == (
        "rights",
        "DESCRIBE_CONFIGS",
        "DESCRIBE",
    )


def test_a_topic_that_may_not_be_written_is_named(open_bus: Open, topic: str, grant: Grant) -> None:
    """It is refused, not away: waiting does not help."""
    grant(ResourceType.TOPIC, topic, ACLOperation.DESCRIBE)
    with closing(open_bus()) as bus:
        refusal(lambda: bus.publish([Message(topic, "case-1", b"two")]), f"write to {topic}")


def test_a_topic_that_may_not_be_read_is_told_at_the_start(
    open_bus: Open, topic: str, grant: Grant
) -> None:
    """Not in every round of a service that seems to run."""
    grant(ResourceType.TOPIC, topic, ACLOperation.DESCRIBE)
    with closing(open_bus()) as bus:
        missing = f"READ on topic {topic} is missing"
        refusal(lambda: bus.consumer("clerks", [topic], member="a"), missing)


def test_a_topic_that_may_not_be_written_is_told_at_the_start(
    open_bus: Open, topic: str, grant: Grant
) -> None:
    """Not by an outbox that grows while submissions go on."""
    grant(ResourceType.TOPIC, topic, ACLOperation.READ)
    with closing(open_bus()) as bus:
        missing = f"WRITE on topic {topic} is missing; we have"
        refusal(lambda: bus.check_writing([topic]), missing)


def test_a_place_for_dead_letters_that_may_not_be_written_is_told_at_the_start(
    open_bus: Open, topic: str, grant: Grant
) -> None:
    """Not at the first poison, which would hold its partition up for ever."""
    with closing(open_bus(username=ADMIN, password=ADMIN_PASSWORD)) as bus:
        bus.ensure_topics([Topic(topic + SUFFIX, partitions=1)])
    grant(ResourceType.TOPIC, topic + SUFFIX, ACLOperation.READ)
    with closing(open_bus()) as bus:
        missing = f"WRITE on topic {topic}{SUFFIX}"
        refusal(lambda: ParkingLot(bus, "readers", [topic]), missing)


def test_the_log_of_who_may_not_write_names_the_topic(
    open_bus: Open, topic: str, grant: Grant
) -> None:
    """A right may be taken away while a relay runs, and its callers are told a code alone."""
    grant(ResourceType.TOPIC, topic, ACLOperation.DESCRIBE)
    with closing(open_bus()) as bus, structlog.testing.capture_logs() as lines:
        refusal(lambda: bus.publish([Message(topic, "case-1", b"two")]), f"write to {topic}")

    assert lines[-1]["code"] == "KAFKA_REFUSED"
    assert f"write to {topic}: " in lines[-1]["why"]


def test_a_group_that_may_not_be_joined_is_told_at_the_start(
    open_bus: Open, topic: str, grant: Grant
) -> None:
    """The same for the group."""
    grant(ResourceType.TOPIC, topic, ACLOperation.READ)
    with closing(open_bus()) as bus:
        refusal(lambda: bus.consumer("strangers", [topic], member="a"), "group strangers")


def test_who_may_read_reads(open_bus: Open, topic: str, grant: Grant) -> None:
    """READ on the topic and on the group is all that a reader needs."""
    grant(ResourceType.TOPIC, topic, ACLOperation.READ)
    grant(ResourceType.GROUP, "readers", ACLOperation.READ)
    with closing(open_bus()) as bus:
        consumer = allowed(lambda: bus.consumer("readers", [topic], member="a"))

        assert values(read(consumer, 1)) == ["one"]


def test_who_may_write_writes(open_bus: Open, topic: str, grant: Grant) -> None:
    """WRITE on the topic is all that a relay needs, also with an idempotent producer."""
    grant(ResourceType.TOPIC, topic, ACLOperation.WRITE)
    with closing(open_bus()) as bus:
        allowed(lambda: bus.publish([Message(topic, "case-1", b"two")]))
    with closing(open_bus(username=ADMIN, password=ADMIN_PASSWORD)) as bus:
        assert values(list(bus.history(topic))) == ["one", "two"]

"""An office reads its own topic on real brokers, by a password of its own, and nothing else."""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from typer.testing import CliRunner

from deploy.cli.assembly import open_kafka
from deploy.cli.main import app
from services.chassis import config
from services.chassis.bus.letters import SUFFIX
from services.chassis.bus.port import Message, Topic
from services.chassis.story import CASES_TOPIC
from services.delivery.events import topic_of, topics
from tests.contract.bus.harness import until
from tests.integration.test_office_consumer import consumer, rows
from tests.servers.kafka_guarded import ADMIN, ADMIN_PASSWORD, Guarded, guarded

OFFICES = ("akimat-75", "akimat-43", "MIA")
LETTERS = CASES_TOPIC + SUFFIX
POLL_MS = 500
POLLS = 4

# kafka-python leaves the sockets of refused connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <(ssl|socket)[.]:pytest.PytestUnraisableExceptionWarning"
)


@dataclass(frozen=True)
class Brokers:
    """Guarded brokers, and the operator who gives rights on them."""

    server: Guarded

    @property
    def operator(self) -> dict[str, str]:
        """Return the settings of who may give rights."""
        return {
            "QYZMET_BUS": f"kafka://{self.server.broker.address}",
            "QYZMET_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
            "QYZMET_KAFKA__SASL_MECHANISM": "PLAIN",
            "QYZMET_KAFKA__SSL_CAFILE": str(self.server.certificate),
            "QYZMET_KAFKA__USERNAME": ADMIN,
            "QYZMET_KAFKA__PASSWORD": ADMIN_PASSWORD,
        }

    def command(self, *arguments: str) -> Result:
        """Run `qyzmet access` as the operator does."""
        return CliRunner().invoke(app, ["access", *arguments], env=self.operator)

    def reader(self, user: str, password: str) -> dict[str, Any]:
        """Return how an office's program reaches the brokers."""
        return {
            "bootstrap_servers": self.server.broker.address,
            "security_protocol": "SASL_SSL",
            "ssl_cafile": str(self.server.certificate),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """Run brokers with a message in each topic."""
    with guarded(tmp_path_factory.mktemp("rights")) as server:
        made = Brokers(server)
        with pytest.MonkeyPatch.context() as environment:
            for name, value in made.operator.items():
                environment.setenv(name, value)
            settings = config.load()
        with closing(open_kafka(settings)) as bus:
            wanted = [*topics(OFFICES), Topic(LETTERS, partitions=1)]
            bus.ensure_topics(wanted)
            bus.publish([Message(one.name, "case-1", one.name.encode()) for one in wanted])
        yield made
    gc.collect()


@pytest.fixture(scope="module")
def almaty(brokers: Brokers) -> dict[str, Any]:
    """Give Almaty's akimat its access, and return how it reaches the brokers."""
    return access(brokers, "akimat-75", "almaty")


def access(brokers: Brokers, office: str, user: str) -> dict[str, Any]:
    """Give an office's program its access, and return how it reaches the brokers."""
    done = brokers.command(office, user, "--password")
    assert done.exit_code == 0, done.output
    (password,) = re.findall(r"told this once: (\S+)", done.output)
    return brokers.reader(user, password)


def read(reader: dict[str, Any], topic: str, *, group: str = "office-akimat-75") -> list[bytes]:
    """Read a topic as an office's program does; whatever is refused gives nothing."""
    settings = {"auto_offset_reset": "earliest", "enable_auto_commit": False}
    with closing(KafkaConsumer(topic, group_id=group, **settings, **reader)) as consumer:
        return _poll(consumer)


def grab(reader: dict[str, Any], topic: str) -> list[bytes]:
    """Read a topic past groups, from its first record."""
    place = TopicPartition(topic, 0)
    with closing(KafkaConsumer(**reader)) as consumer:
        consumer.assign([place])
        consumer.seek(place, 0)
        return _poll(consumer)


def _poll(consumer: KafkaConsumer) -> list[bytes]:
    for _ in range(POLLS):
        try:
            found = consumer.poll(timeout_ms=POLL_MS)
        except KafkaError:
            return []
        if found:
            return [record.value for records in found.values() for record in records]
    return []


def test_an_office_reads_its_own_topic(almaty: dict[str, Any]) -> None:
    """By the group of the example, and by others named after it."""
    own = topic_of("akimat-75")

    for group in ("office-akimat-75", "office-akimat-75.archive"):
        assert until(lambda group=group: read(almaty, own, group=group) == [own.encode()])


def test_the_example_reads_behind_a_password(
    brokers: Brokers, tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    """By environment variables, named as kafka-python names its settings."""
    reader = access(brokers, "MJ", "justice")
    address = reader.pop("bootstrap_servers")
    told = {f"OFFICE_KAFKA_{name.upper()}": value for name, value in reader.items()}
    admin = brokers.reader(ADMIN, ADMIN_PASSWORD) | {"sasl_mechanism": "PLAIN"}
    with closing(KafkaProducer(**admin)) as producer:
        event = b'{"case_id": "c1", "case_version": 1, "state": "routed"}'
        producer.send(topic_of("MJ"), event).get(timeout=10)

    with consumer("MJ", address, tmp_path / "office.sqlite", **told):
        eventually(lambda: rows(tmp_path / "office.sqlite") == [("c1", 1, 1)])


@pytest.mark.parametrize("topic", [topic_of("akimat-43"), topic_of("MIA"), CASES_TOPIC, LETTERS])
def test_an_office_reads_nothing_else(almaty: dict[str, Any], topic: str) -> None:
    """Neither another office's topic, though of the same agency, nor that of all cases."""
    assert until(lambda: grab(almaty, topic_of("akimat-75")) != [])

    assert grab(almaty, topic) == read(almaty, topic) == []


@pytest.mark.parametrize("topic", [topic_of("akimat-75"), topic_of("akimat-43"), CASES_TOPIC])
def test_an_office_writes_nowhere(almaty: dict[str, Any], topic: str) -> None:
    """Not even in its own topic: what it answers goes by the portal."""
    producer = KafkaProducer(**almaty, enable_idempotence=False, max_block_ms=3000)

    with closing(producer), pytest.raises(KafkaError):
        producer.send(topic, b"forged").get(timeout=5)


@pytest.mark.parametrize("group", ["delivery", "routing", "office-akimat-43", "office-akimat-750"])
def test_an_office_takes_no_other_readers_place(almaty: dict[str, Any], group: str) -> None:
    """In a group of somebody else's it would take their partitions away."""
    assert read(almaty, topic_of("akimat-75"), group=group) == []


def test_a_wrong_password_opens_nothing(brokers: Brokers, almaty: dict[str, Any]) -> None:
    """The user is known, the password is another."""
    with pytest.raises(KafkaError):
        KafkaConsumer(**brokers.reader("almaty", "wrong"), bootstrap_timeout_ms=2000)


def test_access_ends_when_it_is_taken_away(
    brokers: Brokers, eventually: Callable[..., None]
) -> None:
    """It counts for a reader that is signed in already."""
    done = brokers.command("MIA", "police", "--password")
    (password,) = re.findall(r"told this once: (\S+)", done.output)
    reader = brokers.reader("police", password)
    assert until(lambda: grab(reader, topic_of("MIA")) != [])

    assert brokers.command("MIA", "police", "--revoke").exit_code == 0

    eventually(lambda: grab(reader, topic_of("MIA")) == [])


def test_the_command_shows_all_that_a_user_may_do(brokers: Brokers) -> None:
    """Run twice, it gives nothing twice."""
    for _ in range(2):
        done = brokers.command("akimat-43", "kyzylorda")

    assert sorted(done.output.splitlines()) == [
        "kyzylorda: READ on GROUP office-akimat-43",
        "kyzylorda: READ on GROUP office-akimat-43.…",
        "kyzylorda: READ on TOPIC qyzmet.office.akimat-43.v1",
    ]


@pytest.mark.parametrize(
    "arguments", [("akimat-99", "x"), ("MIA", "*"), ("MIA", ""), ("MIA", "a b"), ("*", "x")]
)
def test_what_is_no_office_or_no_user_is_refused(
    brokers: Brokers, arguments: tuple[str, str]
) -> None:
    """A star is everybody to the brokers, and an office of no catalogue is a slip of the pen."""
    assert brokers.command(*arguments).exit_code != 0


def test_brokers_that_hold_no_rights_are_told(kafka_address: str) -> None:
    """There everybody reads everything, and no command would change that."""
    done = CliRunner().invoke(app, ["access", "MIA", "x", "--bus", f"kafka://{kafka_address}"])

    assert done.exit_code != 0
    assert "authorizer" in done.output

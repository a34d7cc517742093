"""What the Kafka adapter does that kafka-python alone would not: it comes back by itself.

Three faults of its producer (3.0.12) are kept away here. One: after a batch reached
`delivery_timeout_ms` an idempotent producer never sends again. Two: the commit of a
transaction may return although its records failed. Three: such a commit may never return.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.kafka.broker import START_SECONDS, Broker
from services.chassis.bus.kafka import Connection, KafkaBus
from services.chassis.bus.kafka.connection import opened
from services.chassis.bus.kafka.consumer import GroupConsumer
from services.chassis.bus.kafka.refusals import KafkaUnavailableError
from services.chassis.bus.port import LostGroupError, Message, Record, Topic
from services.chassis.errors import TooLargeError
from tests.contract.bus.harness import PATIENCE, read, until, values
from tests.servers.kafka import own

PUBLISH_SECONDS = 2.0
ANSWER_SECONDS = 10.0
SESSION_SECONDS = 3.0
TOPIC = "faults"
NARROW_BYTES = 2000
ROOT = Path(__file__).parents[3]
TRANSACTIONAL = re.compile(r"transactional_id|init_transactions|commit_transaction")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Run a broker that may be broken."""
    with own(tmp_path_factory.mktemp("broken") / "broker") as running:
        yield running


@pytest.fixture
def publish_seconds() -> float:
    """Return how long a message is waited for, which a test waits for where the broker hangs."""
    return PUBLISH_SECONDS


@pytest.fixture
def connection(broker: Broker, publish_seconds: float) -> Connection:
    return Connection(
        broker.address, session=SESSION_SECONDS, publish=publish_seconds, answer=ANSWER_SECONDS
    )


@pytest.fixture
def bus(connection: Connection) -> Iterator[KafkaBus]:
    with closing(KafkaBus(connection)) as bus:
        bus.ensure_topics([Topic(TOPIC, partitions=2)])
        yield bus


def publish(bus: KafkaBus, value: str) -> None:
    """Publish one message, as a relay does: again and again until it is acknowledged."""

    def is_published() -> bool:
        try:
            bus.publish([Message(TOPIC, "case-1", value.encode())])
        except KafkaUnavailableError:
            return False
        return True

    assert until(is_published)


def stored(bus: KafkaBus) -> list[str]:
    return values(list(bus.history(TOPIC)))


def test_a_broker_that_hangs_longer_than_we_wait_is_written_to_again(
    broker: Broker, bus: KafkaBus
) -> None:
    """The first fault: the producer that gave up is replaced, and what it held is sent again."""
    publish(bus, "before")
    broker.pause()
    try:
        with pytest.raises(KafkaUnavailableError):
            bus.publish([Message(TOPIC, "case-1", b"meanwhile")])
    finally:
        broker.resume()

    publish(bus, "meanwhile")
    publish(bus, "after")

    assert list(dict.fromkeys(stored(bus)))[-3:] == ["before", "meanwhile", "after"]


def test_a_broker_that_is_killed_longer_than_we_wait_is_written_to_again(
    broker: Broker, bus: KafkaBus
) -> None:
    """The same after a crash."""
    broker.kill()
    try:
        with pytest.raises(KafkaUnavailableError):
            bus.publish([Message(TOPIC, "case-1", b"lost?")])
    finally:
        broker.start()

    publish(bus, "found")

    assert stored(bus)[-1] == "found"


def test_a_short_outage_is_waited_out(broker: Broker, connection: Connection) -> None:
    """One call, one acknowledgement: nobody has to send again."""
    patient = Connection(connection.brokers, publish=START_SECONDS + PATIENCE)
    done = threading.Event()
    with closing(KafkaBus(patient)) as bus:
        bus.ensure_topics([Topic(TOPIC, partitions=2)])
        publish(bus, "warm")
        broker.kill()

        def publish_once() -> None:
            bus.publish([Message(TOPIC, "case-2", b"patient")])
            done.set()

        waiting = threading.Thread(target=publish_once)
        waiting.start()
        broker.start()
        waiting.join(PATIENCE)

        assert done.is_set()
        assert stored(bus).count("patient") == 1


def test_a_publish_that_fails_never_returns(broker: Broker, bus: KafkaBus) -> None:
    """The second and third fault: each message is asked after, and none for longer than we wait."""
    publish(bus, "warm")
    broker.pause()
    try:
        with pytest.raises(KafkaUnavailableError):
            bus.publish([Message(TOPIC, f"case-{n}", b"") for n in range(100)])
    finally:
        broker.resume()


@pytest.fixture
def narrow(connection: Connection) -> str:
    """Make a topic that takes small messages only."""
    name = f"narrow-{uuid4()}"
    with closing(KafkaAdminClient(bootstrap_servers=connection.brokers)) as admin:
        settings = {"max.message.bytes": str(NARROW_BYTES)}
        admin.create_topics({name: {"num_partitions": 1, "configs": settings}})
    return name


@pytest.mark.parametrize("publish_seconds", [30.0])  # a new topic's first message takes a while
def test_a_message_that_is_refused_is_told_beside_others_that_are_taken(
    bus: KafkaBus, narrow: str
) -> None:
    """The second fault: one record of a batch fails, and the call must not look like success."""
    large = Message(narrow, "case-2", b"x" * 2 * NARROW_BYTES)

    with pytest.raises(TooLargeError):
        bus.publish([Message(narrow, "case-1", b"a"), large, Message(narrow, "case-3", b"b")])


@pytest.mark.parametrize("publish_seconds", [30.0])
def test_a_message_that_is_refused_holds_up_no_later_one(bus: KafkaBus, narrow: str) -> None:
    """An idempotent producer counts its messages, and a refused one leaves a gap."""
    with pytest.raises(TooLargeError):
        bus.publish([Message(narrow, "case-1", b"x" * 2 * NARROW_BYTES)])

    bus.publish([Message(narrow, "case-1", b"small")])

    assert values(list(bus.history(narrow))) == ["small"]


def test_a_reader_goes_on_when_the_broker_is_back(broker: Broker, bus: KafkaBus) -> None:
    """Nobody has to start it again, and nothing is skipped."""
    publish(bus, "early")
    consumer = bus.consumer(f"reader-{uuid4()}", [TOPIC], member="a")
    until(lambda: "early" in values(consumer.poll(100, 0.2)))
    consumer.commit()
    broker.kill()
    broker.start()
    publish(bus, "late")

    assert until(lambda: "late" in values(polled(consumer)))


def polled(consumer: GroupConsumer) -> Sequence[Record]:
    """Poll as a loop does: what fails is tried again."""
    try:
        return consumer.poll(100, 0.2)
    except (KafkaUnavailableError, LostGroupError):
        consumer.rewind()
        return []


@pytest.mark.parametrize("kind", ["client", "producer", "consumer", "member"])
def test_every_client_reconnects_within_a_second(connection: Connection, kind: str) -> None:
    """Instead of the thirty that are the library's own."""
    names = {"client": ["a"], "member": ["group", "a"]}
    settings = getattr(connection, kind)(*names.get(kind, []))

    assert settings["reconnect_backoff_max_ms"] <= 1000


@pytest.mark.parametrize("folder", ["benchmarks", "classifier", "deploy", "gateway", "services"])
def test_nobody_begins_a_transaction_of_kafka(folder: str) -> None:
    """The third fault cannot happen where nobody commits one."""
    sources = (ROOT / folder).rglob("*.py")

    assert [str(path) for path in sources if TRANSACTIONAL.search(path.read_text())] == []


def test_no_producer_is_transactional(connection: Connection) -> None:
    """What takes effect once rests on outbox and inbox, not on Kafka's transactions."""
    assert "transactional_id" not in connection.producer()


@pytest.mark.parametrize("publish_seconds", [1.0, 60.0, 300.0])
def test_a_batch_never_reaches_its_delivery_timeout(publish_seconds: float) -> None:
    """Our own deadline comes long before, and discards the producer."""
    settings = Connection("a.kz:9092", publish=publish_seconds).producer()

    assert settings["delivery_timeout_ms"] >= 10 * publish_seconds * 1000


def test_every_acknowledgement_is_that_of_all_replicas(connection: Connection) -> None:
    """What is acknowledged survives the loss of a broker."""
    settings = connection.producer()

    assert (settings["acks"], settings["enable_idempotence"]) == ("all", True)


def test_a_slow_handler_keeps_its_place(bus: KafkaBus) -> None:
    """Heartbeats go on however long a batch takes, up to the poll interval."""
    publish(bus, "slow")
    consumer = bus.consumer("slow-group", [TOPIC], member="a")
    read(consumer, 1)
    begin = time.monotonic()
    until(lambda: time.monotonic() > begin + 2 * SESSION_SECONDS)

    consumer.commit()

    assert consumer.assignment.partitions


def test_a_bus_without_a_broker_says_so_at_once(connection: Connection) -> None:
    """One line with a code, when a service starts."""
    with pytest.raises(KafkaUnavailableError, match="do not answer"):
        KafkaBus(Connection("127.0.0.1:1", answer=2.0))


@pytest.mark.parametrize("client", [KafkaAdminClient, KafkaConsumer, KafkaProducer])
def test_a_client_without_a_broker_leaves_no_thread(client: Callable[..., object]) -> None:
    """Else a long outage would end with as many threads as there were attempts."""
    before = set(threading.enumerate())

    with pytest.raises(KafkaError):
        opened(client, Connection("127.0.0.1:1", answer=0.2).client("lost"))

    assert until(lambda: set(threading.enumerate()) <= before)


def test_a_producer_that_was_given_up_ends(broker: Broker, connection: Connection) -> None:
    """Its thread ends while the brokers are still away."""
    before = set(threading.enumerate())
    with closing(KafkaBus(connection)) as bus:
        bus.ensure_topics([Topic(TOPIC, partitions=2)])
        publish(bus, "warm")
        broker.pause()
        try:
            with pytest.raises(KafkaUnavailableError):
                bus.publish([Message(TOPIC, "case-1", b"stuck")])
            assert until(lambda: not producers() - before)
        finally:
            broker.resume()


def producers() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if "producer" in one.name}


def test_a_topic_that_differs_is_told(bus: KafkaBus, differing: Callable[[], Topic]) -> None:
    """An operator sees which setting of which topic is not as it should be."""
    topic = differing()

    (difference,) = bus.make_topics([topic])

    assert (difference.topic, difference.setting, difference.wanted, difference.found) == (
        topic.name,
        "cleanup.policy",
        "compact",
        "delete",
    )


def test_a_topic_with_fewer_copies_than_there_could_be_is_told(
    bus: KafkaBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made while there were fewer brokers, and it is the copies that make it durable."""
    bus.ensure_topics([Topic("seldom-copied", partitions=2)])
    monkeypatch.setattr(bus._topics, "_copies", 3)

    told = {
        found.setting: found for found in bus.make_topics([Topic("seldom-copied", partitions=2)])
    }

    copies = told["replication.factor"]
    assert (copies.wanted, copies.found) == ("3", "1")
    assert "kafka-reassign-partitions.sh" in copies.remedy


@pytest.fixture
def differing(bus: KafkaBus) -> Callable[[], Topic]:
    def make() -> Topic:
        bus.ensure_topics([Topic("differing", partitions=1)])
        return Topic("differing", partitions=1, compact=True)

    return make

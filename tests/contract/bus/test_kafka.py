"""Apache Kafka keeps what every bus promises."""

import os
from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.cluster import ClusterMetadata
from kafka.errors import KafkaTimeoutError
from kafka.future import Future

from services.chassis.bus.kafka import Connection, KafkaBus
from services.chassis.bus.kafka.refusals import KafkaRefusedError, KafkaUnavailableError
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import LostGroupError, Message, Topic
from tests.contract.bus.cases import GroupContract, MembershipContract, PublishContract
from tests.contract.bus.harness import PATIENCE, Bench, Put, read, until, values
from tests.contract.bus.loop_cases import LoopContract
from tests.contract.bus.order_cases import OrderContract
from tests.contract.bus.parking_cases import ParkingContract
from tests.servers.kafka import VARIABLE

STOCK_SESSION = 6.0
"""The shortest that a broker takes whose group.min.session.timeout.ms nobody changed."""
SHORT_SESSION = 3.0
REFUSED_SESSION = 0.1


def session() -> float:
    """Return the shortest session that the broker of the tests takes."""
    return STOCK_SESSION if VARIABLE in os.environ else SHORT_SESSION


@pytest.fixture
def open_bus(kafka_address: str) -> Callable[[], KafkaBus]:
    """Connect to the same broker as often as asked."""
    return lambda: KafkaBus(
        Connection(kafka_address, session=session(), poll_interval=2 * session())
    )


@pytest.fixture
def put(kafka_address: str) -> Put:
    """Write as the client library lets anybody write: what is compressed may be large."""
    settings = {"compression_type": "gzip", "max_request_size": 16 * 1024 * 1024}

    def write(message: Message) -> None:
        with closing(KafkaProducer(bootstrap_servers=kafka_address, **settings)) as raw:
            headers = [(name, told.encode()) for name, told in message.headers.items()]
            key = message.key.encode()
            raw.send(message.topic, message.value, key, headers).get(PATIENCE)

    return write


class TestKafkaPublish(PublishContract):
    """Writing, and reading everything back."""


class TestKafkaGroup(GroupContract):
    """Reading as a group."""


class TestKafkaMembership(MembershipContract):
    """Several members in one group."""


class TestKafkaParking(ParkingContract):
    """What could not be handled waits."""


class TestKafkaLoop(LoopContract):
    """Nothing is lost, skipped, overtaken or silently stopped."""


class TestKafkaOrders(OrderContract):
    """What was parked is handled again."""


def test_a_record_that_is_no_text_is_read(
    open_bus: Callable[[], KafkaBus], kafka_address: str
) -> None:
    """Whatever a stranger wrote as key and headers comes to the handler, which may park it."""
    topic = f"stranger-{uuid4()}"
    with closing(open_bus()) as bus, closing(KafkaProducer(bootstrap_servers=kafka_address)) as raw:
        bus.ensure_topics([Topic(topic, partitions=1)])
        headers = [("odd", b"\xff")]
        raw.send(topic, key=b"\xff", value=b"v", headers=headers).get(10)

        (found,) = bus.history(topic)

    assert (found.key, found.headers) == ("\ufffd", {"odd": "\ufffd"})


def test_a_session_that_brokers_do_not_take_is_told(kafka_address: str) -> None:
    """They answer; it is our setting that is wrong, and its name is told."""
    topic = f"session-{uuid4()}"
    with closing(KafkaBus(Connection(kafka_address, session=REFUSED_SESSION))) as bus:
        bus.ensure_topics([Topic(topic, partitions=1)])
        consumer = bus.consumer("short", [topic], member="a")

        def refusal() -> str:
            try:
                consumer.poll(1, 0.2)
            except KafkaRefusedError as error:
                return str(error)
            return ""

        assert until(lambda: "QYZMET_KAFKA__SESSION_SECONDS" in refusal())


def test_letters_fit_a_topic_that_takes_less_than_ours(
    open_bus: Callable[[], KafkaBus], kafka_address: str
) -> None:
    """Somebody made the topic of letters with the broker's own bound, or a smaller one."""
    topic, small = f"small-{uuid4()}", {"max.message.bytes": "10000"}
    with (
        closing(open_bus()) as bus,
        closing(KafkaAdminClient(bootstrap_servers=kafka_address)) as admin,
    ):
        admin.create_topics({f"{topic}.dlq": {"num_partitions": 1, "configs": small}})
        bus.ensure_topics([Topic(topic, partitions=1)])
        bus.publish([Message(topic, "case-1", value * 20_000) for value in (b"a", b"b")])
        lot = ParkingLot(bus, "group", [topic])

        lot.park_behind(list(bus.history(topic)))

        assert lot.redrive(topic, "case-1") == list(bus.history(topic))


@pytest.fixture
def positions_fail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the broker go away after records were fetched, before all positions are known."""
    known, failed = KafkaConsumer.position, []

    def position(client: KafkaConsumer, place: TopicPartition) -> int:
        if not failed:
            failed.extend(other for other in client.assignment() if known(client, other))
            raise KafkaTimeoutError
        found: int = known(client, place)
        return found

    monkeypatch.setattr(KafkaConsumer, "position", position)


@pytest.mark.usefixtures("positions_fail_once")
def test_what_came_with_a_poll_that_failed_comes_again(open_bus: Callable[[], KafkaBus]) -> None:
    """A new member skips nothing, though its client counts those records as read."""
    topic = f"adopted-{uuid4()}"
    with closing(open_bus()) as bus:
        bus.ensure_topics([Topic(topic, partitions=4)])
        bus.publish([Message(topic, "case-1", value) for value in (b"one", b"two")])
        consumer = bus.consumer("adopting", [topic], member="a")

        def is_adopted() -> bool:
            try:
                return not consumer.poll(0, 0.2) and bool(consumer.assignment.partitions)
            except KafkaUnavailableError:
                return False

        assert until(is_adopted)
        assert values(read(consumer, 2)) == ["one", "two"]


def test_a_member_that_joined_before_it_knew_its_topics_reads_in_seconds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wish to know them may be forgotten, and so may a join that a short poll left."""
    bench.publish("one")
    monkeypatch.setattr(ClusterMetadata, "request_update", lambda _: Future())
    consumer = bench.consumer()
    came: list[str] = []

    assert until(lambda: came.extend(values(consumer.poll(1, 0.001))) or came == ["one"])


def test_a_member_whose_partitions_are_gone_can_be_asked(bench: Bench) -> None:
    """Until it is given new ones: a loop must come to its next poll, which asks for them."""
    bench.publish("one", "two")
    consumer = bench.consumer()
    (record,) = read(consumer, 1, limit=1)

    consumer._consumer.unsubscribe()

    assert consumer.lag() == 1
    with pytest.raises(LostGroupError):
        consumer.seek(bench.topic, record.partition, 0)

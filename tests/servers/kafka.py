"""A Kafka broker for tests, found in this order: the user's, a container, java on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.kafka.broker import Broker, version
from deploy.ports import free_port
from tests.servers.docker import found, started
from tests.system import ROOT

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
IMAGE = f"apache/kafka:{version()}"
CACHE = ROOT / "build" / "kafka"
STARTED = "Kafka Server started"
START_SECONDS = 90
CONTROLLER_PORT = 29093


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """Give the addresses of a running broker; raises BrokerError saying what is missing."""

    @contextmanager
    def ours() -> Iterator[str]:
        with own(folder) as broker:
            yield broker.address

    with found(VARIABLE, container, ours, "java on this machine") as address:
        yield address


@contextmanager
def container() -> Iterator[str]:
    """Run a broker in a container, on a port that is the same within and without."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    port = free_port()

    def make() -> DockerContainer:
        made = (
            DockerContainer(IMAGE)
            .with_bind_ports(port, port)
            .waiting_for(LogMessageWaitStrategy(STARTED).with_startup_timeout(START_SECONDS))
        )
        return made.with_envs(**environment(made.get_docker_client().host(), port))

    with started(make) as running:
        yield f"{running.get_docker_client().host()}:{port}"


def environment(host: str, port: int) -> dict[str, str]:
    """Return the settings of our own broker as the image apache/kafka takes them."""
    lines = (ROOT / "deploy/kafka/server.properties").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings |= {
        "listeners": f"CLIENT://:{port},CONTROLLER://:{CONTROLLER_PORT}",
        "advertised.listeners": f"CLIENT://{host}:{port}",
        "controller.quorum.voters": f"{settings['node.id']}@localhost:{CONTROLLER_PORT}",
    }
    return {f"KAFKA_{name.upper().replace('.', '_')}": told for name, told in settings.items()}


@contextmanager
def own(folder: Path, *, more: str = "", port: int = 0) -> Iterator[Broker]:
    """Run a broker of our own, which a test may kill and pause."""
    broker = Broker(folder, CACHE, more=more, port=port)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()

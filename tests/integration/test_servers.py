"""The servers of the tests: where they come from, and what is said where they cannot be had."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import deploy.kafka.__main__
import deploy.postgres.__main__
from deploy.kafka.broker import POM
from services.chassis.bus.kafka import Connection, KafkaBus
from tests.servers import kafka
from tests.servers.docker import ContainerError
from tests.system import ROOT


def test_a_container_has_the_settings_of_our_broker() -> None:
    """As the image apache/kafka takes them, with listeners that are reached from without."""
    told = kafka.environment("docker.example", 12345)

    assert told["KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS"] == "500"
    assert told["KAFKA_ADVERTISED_LISTENERS"] == "CLIENT://docker.example:12345"
    assert told["KAFKA_LISTENERS"] == "CLIENT://:12345,CONTROLLER://:29093"
    assert told["KAFKA_CONTROLLER_QUORUM_VOTERS"] == "1@localhost:29093"


def test_a_container_has_the_version_of_our_broker() -> None:
    """What Maven fetches and what an image holds are the same Kafka."""
    (pinned,) = ElementTree.parse(POM).iterfind(
        ".//{*}dependency[{*}groupId='org.apache.kafka']/{*}version"
    )

    assert kafka.IMAGE.partition(":")[2] == pinned.text


def test_the_settings_of_a_container_start_a_broker(tmp_path: Path) -> None:
    """Our java takes them as the image's does, and its clients find their way."""
    told = kafka.environment("127.0.0.1", (port := kafka.free_port()))
    names = {name.removeprefix("KAFKA_").lower().replace("_", "."): told[name] for name in told}
    more = "".join(f"{name}={value}\n" for name, value in names.items())

    with kafka.own(tmp_path / "broker", more=more, port=port) as broker:
        bus = KafkaBus(Connection(broker.address))
        bus.close()


@pytest.fixture
def broken_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a Docker engine answer that runs nothing."""
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.delenv(kafka.VARIABLE, raising=False)


@pytest.mark.usefixtures("broken_engine")
def test_a_container_that_does_not_start_is_told_in_one_line() -> None:
    """What the engine said, without what its client went through."""
    with pytest.raises(ContainerError) as told, kafka.container():
        pass

    assert str(told.value).startswith("A container does not start: ")
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.usefixtures("broken_engine")
def test_java_takes_the_place_of_a_container_that_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tests run all the same."""

    @contextmanager
    def own(folder: Path) -> Iterator[kafka.Broker]:
        yield kafka.Broker(folder, kafka.CACHE, port=12345)

    monkeypatch.setattr(kafka, "own", own)

    with kafka.kafka(tmp_path / "broker") as address:
        assert address == "127.0.0.1:12345"

    assert "java on this machine is used" in capsys.readouterr().err


@pytest.mark.parametrize("program", [deploy.kafka.__main__, deploy.postgres.__main__])
def test_a_server_of_somebody_else_is_not_told_as_ours(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: ModuleType,
) -> None:
    """`make kafka` and `make postgres` say that their port is taken, and end."""
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        for name, value in {"PORT": port, "DATA": tmp_path, "DATA_OF_ROOT": tmp_path}.items():
            monkeypatch.setattr(program, name, value, raising=False)

        assert program.main() == 1

    told = capsys.readouterr().err
    assert f"127.0.0.1:{port} is taken" in told
    assert "qyzmet up" not in told


NEED_A_BROKER = ("test_kafka.py", "test_kafka_faults.py", "test_kafka_rights.py")


@pytest.mark.parametrize("module", NEED_A_BROKER)
def test_without_java_one_line_says_what_is_missing(tmp_path: Path, module: str) -> None:
    """Wherever the broker of a test comes from: what leads there would be lines nobody needs."""
    asked = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    nowhere = {"PATH": str(tmp_path), "HOME": str(tmp_path)}

    said = subprocess.run(
        [*asked, f"tests/contract/bus/{module}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=nowhere,
        check=False,
    ).stdout

    told = [line for line in said.splitlines() if line.startswith("a Kafka broker needs ")]
    assert (len(told), "tests/servers/kafka.py" in said) == (1, False), said

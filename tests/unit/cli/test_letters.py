"""What an operator sees of dead letters, and orders."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.commands.groups import letters as app
from services.chassis.application import utc_now
from services.chassis.bus import letters
from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.letters import Order
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.pace import Backoff
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Message, Record, Topic
from services.chassis.errors import InvalidError
from services.chassis.story import CASES_TOPIC

GROUP = "routing"
Serve = Callable[..., ConsumerLoop]


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedBus]:
    """Give the bus of the folder that the command is told of."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path))
    opened = EmbeddedBus(tmp_path / "bus.sqlite", now=utc_now)
    opened.ensure_topics([Topic(CASES_TOPIC)])
    yield opened
    opened.close()


@pytest.fixture
def parked(bus: EmbeddedBus) -> ParkingLot:
    """Let two cases be parked, one of them with an event behind."""
    for key, value in (("case-1", b"a"), ("case-1", b"b"), ("case-2", b"c")):
        bus.publish([Message(CASES_TOPIC, key, value)])
    found = {record.value: record for record in bus.history(CASES_TOPIC)}
    lot = ParkingLot(bus, GROUP, [CASES_TOPIC])
    lot.park(found[b"a"], InvalidError("her words"), 5)
    lot.park_behind([found[b"b"]])
    lot.park(found[b"c"], ValueError(), 5)
    return lot


@pytest.fixture
def serve(bus: EmbeddedBus, parked: ParkingLot) -> Iterator[Serve]:
    """Run the service that parked them, with a handler that was mended, or was not."""
    running = []

    def start(poison: bytes = b"") -> None:
        def handle(records: list[Record]) -> None:
            if poison in [record.value for record in records]:
                raise InvalidError

        reader = bus.consumer(GROUP, [CASES_TOPIC], member="a")
        reader.poll(100, 1.0)
        reader.commit()
        loop = ConsumerLoop(
            reader, parked, handle, name=GROUP, attempts=1, backoff=Backoff(0.01), look=0.02
        )
        running.append(loop)
        loop.start()

    yield start
    for loop in running:
        loop.stop()


def told(*arguments: str) -> tuple[int, str]:
    """Give the command, and return its status and what it printed."""
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def listed(*arguments: str) -> list[dict[str, Any]]:
    """Return what the command lists."""
    found: list[dict[str, Any]] = json.loads(told("list", "--json", *arguments)[1])["letters"]
    return found


@pytest.mark.usefixtures("parked")
def test_each_key_is_one_line() -> None:
    """With what holds it up, and how much waits."""
    assert [(one["group"], one["key"], one["records"], one["error"]) for one in listed()] == [
        (GROUP, "case-1", 2, "INVALID"),
        (GROUP, "case-2", 1, "ValueError"),
    ]


@pytest.mark.usefixtures("parked")
def test_a_list_never_holds_what_an_error_said() -> None:
    """It may quote a citizen."""
    assert "her words" not in told("list")[1]


@pytest.mark.usefixtures("parked")
def test_a_list_can_be_of_one_group() -> None:
    """Another service's letters are another operator's."""
    assert (len(listed("--group", GROUP)), listed("--group", "delivery")) == (2, [])


@pytest.mark.usefixtures("bus")
def test_nothing_parked_is_told() -> None:
    """An empty table would leave one guessing."""
    assert "nothing is parked" in told("list")[1]


def test_a_folder_without_a_bus_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names the wrong folder must not believe that all is well."""
    monkeypatch.setenv("QYZMET_DATA_DIR", str(tmp_path / "wrong"))

    status, said = told("list")

    assert (status, "NOT_FOUND" in said, (tmp_path / "wrong").exists()) == (2, True, False)


def test_a_key_is_redriven(serve: Serve, parked: ParkingLot) -> None:
    """The running service handles it, in order; the others stay."""
    serve()

    status, said = told("redrive", GROUP, "case-1")

    assert (status, said.strip()) == (0, "case-1: 2 handled")
    assert [one["key"] for one in listed()] == ["case-2"]


def test_all_is_redriven(serve: Serve) -> None:
    """After a mended fault that met many cases."""
    serve()

    assert told("redrive", GROUP, "--all")[0] == 0
    assert listed() == []


def test_what_fails_again_is_told(serve: Serve) -> None:
    """With status 1 and the code; the rest of the case stays parked."""
    serve(poison=b"b")

    status, said = told("redrive", GROUP, "case-1")

    assert (status, said.strip()) == (1, "case-1: 1 handled, then INVALID: the rest stays")


@pytest.mark.usefixtures("parked")
def test_an_order_stands_until_the_service_runs() -> None:
    """Who orders need not wait, and who lists sees it."""
    status, said = told("redrive", GROUP, "case-1", "--wait", "0")

    assert (status, "ordered" in said) == (0, True)
    assert [(one["key"], one["ordered"]) for one in listed()] == [
        ("case-1", True),
        ("case-2", False),
    ]


@pytest.mark.usefixtures("parked")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["case-9"], "NOT_PARKED"), ([], "INVALID"), (["case-1", "--all"], "INVALID")],
)
def test_a_mistyped_order_is_refused(arguments: list[str], code: str) -> None:
    """Nothing is written."""
    status, said = told("redrive", GROUP, *arguments)

    assert (status, code in said) == (2, True)
    assert not any(one["ordered"] for one in listed())


def test_releases_that_know_no_orders_pass_them_over(bus: EmbeddedBus) -> None:
    """While two releases run side by side: they read what names their group."""
    bus.ensure_topics([Topic(CASES_TOPIC + letters.SUFFIX)])
    bus.publish([letters.order(Order("o", GROUP, CASES_TOPIC, "case-1"))])

    (read,) = bus.history(CASES_TOPIC + letters.SUFFIX)

    assert letters.GROUP not in read.headers

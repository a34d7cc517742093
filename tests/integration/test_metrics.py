"""What Prometheus reads of a process."""

import importlib
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import prometheus_client
import pytest

from deploy.cli import assembly
from deploy.ports import free_port
from qyzmet.cases.v1.cases_pb2 import SubmitCaseRequest
from qyzmet.cases.v1.cases_pb2_grpc import CasesServiceStub
from services.cases import app as cases
from services.chassis.application import stopping
from services.chassis.bus.loop import ConsumerLoop
from services.chassis.bus.parking import ParkingLot
from services.chassis.bus.port import Message, Topic
from services.chassis.errors import InvalidError, UnauthenticatedError, UnavailableError
from services.chassis.principal import Principal, Role
from services.chassis.story import CASES_TOPIC
from services.chassis.testing import caller, channel_to, platform_in, running, settings_in
from tests.system import ROOT

CITIZEN = Principal("citizen", Role.CITIZEN)
Eventually = Callable[[Callable[[], object]], None]


def test_metrics_are_shown_where_the_settings_say(tmp_path: Path) -> None:
    """With the tokens that were refused, by why; and no longer than the process runs."""
    address = f"127.0.0.1:{free_port()}"
    with assembly.running(settings_in(tmp_path, metrics=address), ["catalog"]) as running:
        with pytest.raises(UnauthenticatedError):
            running.platform.guard.identify("Bearer x.y.z")
        told = httpx.get(f"http://{address}/metrics").text

    assert 'qyzmet_tokens_refused_total{code="TOKEN_MALFORMED"}' in told
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{address}/metrics")


def figures() -> dict[str, float]:
    """Return the figures of this process, as Prometheus reads them."""
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in prometheus_client.REGISTRY.collect()
        for sample in family.samples
    }


def test_every_figure_is_told_on_a_page() -> None:
    """An operator finds what it means, and what to do."""
    for name in assembly.BUILDERS.values():
        importlib.import_module(name)
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))

    names = [family.name for family in prometheus_client.REGISTRY.collect()]
    ours = [name for name in names if name.startswith("qyzmet_")]
    assert len(ours) > 10
    assert [name for name in ours if f"`{name}" not in pages] == []


def test_what_waits_and_what_is_parked_is_shown(tmp_path: Path, eventually: Eventually) -> None:
    """Of each group of consumers, for as long as it runs."""

    def refuse(_records: object) -> None:
        raise InvalidError

    with platform_in(tmp_path) as platform:
        platform.bus.ensure_topics([Topic(CASES_TOPIC)])
        platform.bus.publish([Message(CASES_TOPIC, "case-1", b"bad")] * 2)
        lot = ParkingLot(platform.bus, "some", [CASES_TOPIC])
        reader = platform.bus.consumer("some", [CASES_TOPIC], member="a")
        with stopping(ConsumerLoop(reader, lot, refuse, name="some", attempts=1)) as loop:
            loop.start()
            eventually(lambda: figures()["qyzmet_events_parked some"] == 2)
            shown = figures()

    assert shown["qyzmet_events_waiting some"] == 0
    assert shown["qyzmet_bus_answered_timestamp_seconds some"] > 0
    assert "qyzmet_events_parked some" not in figures()


def test_a_round_that_fails_leaves_its_events_waiting(
    tmp_path: Path, eventually: Eventually
) -> None:
    """Events in hand are not done, though none lie behind them."""

    def refuse(_records: object) -> None:
        raise InvalidError

    with platform_in(tmp_path) as platform:
        platform.bus.ensure_topics([Topic(CASES_TOPIC)])
        platform.bus.publish([Message(CASES_TOPIC, "case-1", b"bad")])
        lot = ParkingLot(platform.bus, "full", [CASES_TOPIC], limit=0)
        reader = platform.bus.consumer("full", [CASES_TOPIC], member="a")
        with stopping(ConsumerLoop(reader, lot, refuse, name="full", attempts=1)) as loop:
            loop.start()
            eventually(lambda: figures()["qyzmet_rounds_failed_total full"] > 0)

            assert figures()["qyzmet_events_waiting full"] == 1


def test_what_an_outage_holds_back_is_shown(tmp_path: Path, eventually: Eventually) -> None:
    """How much waits in an outbox, and since when, while the bus is away."""
    with platform_in(tmp_path) as platform:
        built = cases.build(platform)
        with running(platform, built), channel_to(platform.addresses["cases"]) as channel:
            platform.bus.close()
            ask = CasesServiceStub(channel).SubmitCase
            caller(platform, CITIZEN).call(ask, SubmitCaseRequest(request_id="1", text="паспорт"))
            eventually(lambda: figures()["qyzmet_outbox_oldest_seconds cases-0"] > 0)

            assert figures()["qyzmet_outbox_waiting cases-0"] == 1


def test_a_place_for_metrics_that_is_taken_is_named(tmp_path: Path) -> None:
    """The start ends with one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = settings_in(tmp_path, metrics=address)

        with (
            pytest.raises(UnavailableError, match=address),
            assembly.running(settings, ["catalog"]),
        ):
            pass

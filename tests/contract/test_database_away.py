"""What a service does while PostgreSQL is killed or hangs, and after it is back."""

import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.postgres.server import Server
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.cases import app
from services.chassis import problems, testing
from services.chassis.database import database_of, open_database
from services.chassis.errors import RETRYABLE, DeadlineError, ServiceError, UnavailableError
from tests.servers import postgres

Wait = Callable[[Callable[[], object]], None]
SERVING = health_pb2.HealthCheckResponse.SERVING


class Desk:
    """A running cases service on a database server that a test may break."""

    def __init__(self, server: Server, platform: testing.Platform, channel: grpc.Channel) -> None:
        self.server = server
        self._caller = testing.caller(platform)
        self._stub = pb_grpc.CasesServiceStub(channel)
        self._health = health_pb2_grpc.HealthStub(channel)

    def submit(self, key: str) -> str:
        request = pb.SubmitCaseRequest(request_id=key, text="Паспорт жоғалттым")
        case_id: str = self._caller.call(self._stub.SubmitCase, request).case.id
        return case_id

    def fails(self, key: str) -> ServiceError | None:
        try:
            self.submit(key)
        except ServiceError as error:
            return error
        return None

    def is_ready(self) -> bool:
        answer = self._health.Check(health_pb2.HealthCheckRequest(), timeout=20)
        return bool(answer.status == SERVING)


@contextmanager
def desk_on(server: Server, folder: Path) -> Iterator[Desk]:
    settings = {"database": server.url, "statement_seconds": 2.0}
    with (
        testing.platform_in(folder, **settings) as platform,
        testing.running(platform, app.build(platform)) as built,
        testing.channel_to(built.addresses["cases"]) as channel,
    ):
        yield Desk(server, platform, channel)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as opened:
        server = opened.enter_context(postgres.own())
        yield opened.enter_context(desk_on(server, tmp_path))


def test_a_service_outlives_its_database(desk: Desk, eventually: Wait) -> None:
    """Killed: refused with 503 and not ready. Back: served, without a restart of the service."""
    before = desk.submit("k1")
    desk.server.kill()

    refusal = desk.fails("k2")
    ready = desk.is_ready()
    desk.server.start()
    eventually(desk.is_ready)

    assert isinstance(refusal, UnavailableError)
    assert problems.telling(refusal).http == 503
    assert not ready
    assert desk.submit("k1") == before
    assert desk.submit("k2") != before


def test_a_connection_that_died_unused_is_replaced(tmp_path: Path) -> None:
    """A restart of the server between two calls is not noticed."""
    with postgres.own() as server:
        database = database_of(testing.settings_in(tmp_path, database=server.url), "some")
        ask = sa.text("SELECT 1")
        database.change(lambda connection: connection.execute(ask).scalar())
        server.stop()
        server.start()

        with database.read() as connection:
            assert connection.execute(ask).scalar() == 1
        assert database.change(lambda connection: connection.execute(ask).scalar()) == 1
        database.close()


def test_no_error_tells_the_password(tmp_path: Path) -> None:
    """Neither what callers get, nor what it was raised from, nor the settings."""
    url = "postgresql://qyzmet:hush-hush@127.0.0.1:1/none"
    settings = testing.settings_in(tmp_path, database=url)
    with pytest.raises(UnavailableError) as caught:
        open_database(settings, "cases", app.MIGRATIONS / "cases")

    told = "".join(traceback.format_exception(caught.value)) + repr(settings)
    assert "127.0.0.1" in told
    assert "hush-hush" not in told


def test_a_server_that_hangs_holds_up_nobody_for_long(desk: Desk, eventually: Wait) -> None:
    """The first find out, the others are refused at once; what hung is made once, or not at all."""
    desk.submit("k1")
    desk.server.pause()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(desk.fails, [f"h{n}" for n in range(8)]))
    later = [desk.fails("h9") for _ in range(20)]
    desk.server.resume()
    eventually(desk.is_ready)

    assert all(isinstance(error, RETRYABLE) for error in found)
    assert all(isinstance(error, UnavailableError | DeadlineError) for error in later)
    assert len({desk.submit("h0"), desk.submit("h0")}) == 1


def test_whoever_was_answered_is_there_after_a_crash(desk: Desk, eventually: Wait) -> None:
    """Kills in the middle of commits lose nothing acknowledged, and repetitions find it."""
    answered: dict[str, str] = {}
    ended = time.monotonic() + 60

    def submit_until_known(key: str) -> None:
        while time.monotonic() < ended:
            try:
                answered[key] = desk.submit(key)
            except RETRYABLE:
                time.sleep(0.01)
            else:
                return

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(submit_until_known, f"k{n}") for n in range(120)]
        for wanted in (20, 60):
            eventually(lambda wanted=wanted: len(answered) >= wanted)
            desk.server.kill()
            desk.server.start()
        for one in done:
            one.result()

    assert len(answered) == 120
    assert {key: desk.submit(key) for key in answered} == answered

"""Every call at the door of the service that answers it, by every role: the table is what holds."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest

import qyzmet
from deploy.cli import assembly
from deploy.cli.assembly import Running
from services.chassis.client import open_channel
from services.chassis.policy import Policy
from services.chassis.principal import Principal, Role
from services.chassis.testing import settings_in

CALL_SECONDS = 20.0
POLICY = Policy.bundled()
DOORS = {"FeedService": "feed", "CursorService": "feed"}
"""Services that do not listen at the door named after their area."""


def contracts() -> Iterator[Any]:
    (generated,) = map(Path, qyzmet.__path__)
    for path in sorted(generated.rglob("*_pb2.py")):
        name = ".".join(path.relative_to(generated.parent).with_suffix("").parts)
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            yield from service.methods


METHODS = {f"/{one.containing_service.full_name}/{one.name}": one for one in contracts()}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Running]:
    """Run every service, wired as ever."""
    settings = settings_in(tmp_path_factory.mktemp("policy"), model=model)
    with assembly.running(settings, list(assembly.BUILDERS)) as started:
        yield started


@pytest.fixture(scope="module")
def channels(running: Running) -> Iterator[Mapping[str, grpc.Channel]]:
    with ExitStack() as opened:
        yield {
            door: opened.enter_context(open_channel(address))
            for door, address in running.addresses.items()
            if door != "http"
        }


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_door_lets_in_whom_the_table_names(
    running: Running, channels: Mapping[str, grpc.Channel], name: str, role: Role
) -> None:
    """Who has a row is heard, whatever is said to so empty a request; who has none is not."""
    method = METHODS[name]
    token = running.platform.issuer.issue(Principal("somebody", role), seconds=600)
    service = method.containing_service.name
    channel = channels[DOORS.get(service, name.split(".")[1])]

    code = _call(channel, name, method, token)

    assert (code is grpc.StatusCode.PERMISSION_DENIED) == (role not in POLICY.rows[name])
    assert code is not grpc.StatusCode.UNAUTHENTICATED
    assert code is not grpc.StatusCode.UNIMPLEMENTED


def _call(channel: grpc.Channel, name: str, method: Any, token: str) -> grpc.StatusCode:
    """Make a call with nothing in it and return its status."""
    kind = channel.unary_stream if method.server_streaming else channel.unary_unary
    call = kind(name, request_serializer=bytes, response_deserializer=bytes)
    shown = (("authorization", f"Bearer {token}"),)
    try:
        answer = call(b"", metadata=shown, timeout=CALL_SECONDS)
        if method.server_streaming:
            next(answer)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK

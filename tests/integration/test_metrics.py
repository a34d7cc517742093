"""What Prometheus reads of a process."""

import socket
from pathlib import Path

import httpx
import pytest

from deploy.cli import assembly
from services.chassis.errors import UnauthenticatedError, UnavailableError
from services.chassis.testing import settings_in
from tests.system import free_port


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

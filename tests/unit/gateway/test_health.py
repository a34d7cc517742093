"""Whether the gateway lives and is ready."""

from pathlib import Path

import httpx

from gateway.app import build
from services.chassis.config import Addresses
from services.chassis.testing import platform_in, running


def test_a_living_process_says_so(http: httpx.Client) -> None:
    """Liveness asks no other service."""
    assert http.get("/healthz").json() == {"status": "alive"}


def test_it_is_ready_when_every_service_serves(http: httpx.Client) -> None:
    """Readiness names every service the product has."""
    answer = http.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["services"] == dict.fromkeys(Addresses.model_fields, "serving")


def test_it_is_not_ready_while_a_service_is_away(tmp_path: Path) -> None:
    """Readiness answers 503 and names who is away."""
    with (
        platform_in(tmp_path) as platform,
        running(platform, build(platform)) as gateway,
        httpx.Client(base_url=f"http://{gateway.addresses['http']}") as http,
    ):
        answer = http.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["services"]["cases"] == "away"

"""What one caller of an idle system waits for, and how much memory it takes to wait."""

import asyncio
import time
import uuid
from typing import Any

import msgspec

from benchmarks import cpu, load, servers, texts
from benchmarks.http import HttpClient
from benchmarks.numbers import quantiles
from benchmarks.servers import Ground
from services.chassis.auth import Issuer
from tests.system import System

LOOK_SECONDS = 0.002
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 10.0
REST_SECONDS = 15.0
WARM = 20


def latency(ground: Ground, count: int) -> dict[str, Any]:
    """Return how long after a submission its decision is seen by GET."""
    requests = texts.routed(servers.model())
    with servers.system(ground) as running:
        return load.run(_latency(running, [one.text for one in requests[: count + WARM]]))


async def _latency(running: System, words: list[str]) -> dict[str, Any]:
    token = load.portal_token(Issuer.at(running.data / "secrets"))
    host, _, port = running.url.removeprefix("http://").rpartition(":")
    client = HttpClient(host, int(port), {"Authorization": f"Bearer {token}"})
    waited = []
    for text in words:
        begin = time.monotonic()
        body = msgspec.json.encode({"text": text, "region": texts.REGION})
        case = msgspec.json.decode((await client.post("/v1/cases", body, str(uuid.uuid4()))).body)
        while (await _state(client, case["id"])) == "submitted":
            if time.monotonic() - begin > PATIENCE_SECONDS:
                raise SystemExit("A case was not decided.")
            await asyncio.sleep(LOOK_SECONDS)
        waited.append(time.monotonic() - begin)
        await asyncio.sleep(PAUSE_SECONDS)
    await client.close()
    return {"count": len(waited) - WARM, "decision_visible_ms": quantiles(waited[WARM:])}


async def _state(client: HttpClient, case_id: str) -> str:
    answer = msgspec.json.decode((await client.get(f"/v1/cases/{case_id}")).body)
    return str(answer["state"])


def memory(*, apart: bool) -> dict[str, Any]:
    """Return the resident memory of an idle system's processes, in MiB."""
    with servers.system(Ground.EMBEDDED, apart=apart) as running:
        time.sleep(REST_SECONDS)
        return {name: cpu.resident(one.pid) for name, one in running.processes.items()}

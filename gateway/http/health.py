"""Whether this process lives, and whether all it needs is there."""

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.clients import Clients
from gateway.http.problems import refuse
from services.chassis.errors import UnavailableError

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def live() -> Response:
    """Tell that the process lives."""
    return _json({"status": "alive"})


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """Tell whether every service answers, and which does not."""
    clients: Clients = request.app.state.clients
    health = await clients.health()
    services = {name: "serving" if serves else "away" for name, serves in health.items()}
    away = [name for name, serves in health.items() if not serves]
    if away:
        error = UnavailableError(f"away: {', '.join(away)}")
        return refuse(error, request.url.path, services=services)
    return _json({"status": "ready", "services": services})


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")

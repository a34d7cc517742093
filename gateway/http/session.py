"""What a route needs: the caller's session, the idempotency key, and the form of answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Request
from google.protobuf.message import Message
from pydantic import BaseModel
from starlette.responses import Response

from gateway.clients import Clients
from services.chassis import codec
from services.chassis.auth import Guard

P = TypeVar("P", bound=Message)

UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True, slots=True)
class Session:
    """One caller's way to the services, for the length of one request."""

    clients: Clients
    bearer: str

    async def call(self, method: Callable[..., Any], request: Message) -> Any:
        """Call a stub's method in the caller's name."""
        return await self.clients.caller.call(method, request, bearer=self.bearer)


def open_session(request: Request) -> Session:
    """Find out who calls; a token that is not good is refused before any service hears of it."""
    guard: Guard = request.app.state.guard
    _, bearer = guard.identify(request.headers.get("authorization", ""))
    return Session(request.app.state.clients, bearer)


Caller = Annotated[Session, Depends(open_session)]

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x20-\x7e]+$",
        description="Names this request for seven days: a repetition gets the first answer.",
        examples=["5f3c1f0e-8a53-4c7e-9d43-0c5a0b1f2d6e"],
    ),
]

CaseId = Annotated[
    str,
    Path(
        pattern=UUID,
        description="The id of the case, a UUID.",
        examples=["019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"],
    ),
]


def read(into: type[P], given: BaseModel, **more: Any) -> P:
    """Return the request for a service; the names of its fields are those the caller gave."""
    return codec.from_json(given.model_dump(mode="json", exclude_none=True) | more, into)


def answer(message: Message, status: int = 200, location: str = "") -> Response:
    """Return a message as the JSON answer."""
    headers = {"Location": location} if location else None
    return Response(codec.encode(message), status, headers=headers, media_type="application/json")

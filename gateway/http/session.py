"""What a route needs: the caller's session, the idempotency key, and the form of answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Request
from google.protobuf.message import Message
from pydantic import BaseModel
from starlette.responses import Response

from gateway.clients import Clients
from gateway.http.problems import PreconditionError
from gateway.http.rates import CallerRates
from services.chassis import codec
from services.chassis.auth import Guard
from services.chassis.errors import InvalidError, UnauthenticatedError, VersionConflictError
from services.chassis.principal import Principal

P = TypeVar("P", bound=Message)

UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"


@dataclass(frozen=True, slots=True)
class Session:
    """One caller's way to the services, for the length of one request."""

    clients: Clients
    bearer: str
    principal: Principal

    async def call(self, method: Callable[..., Any], request: Message) -> Any:
        """Call a stub's method in the caller's name."""
        return await self.clients.caller.call(method, request, bearer=self.bearer)


async def open_session(request: Request) -> Session:
    """Find out who calls; who may not is refused before any service hears of it."""
    return await admit(request, request.headers.get("authorization", ""))


async def admit(request: Request, authorization: str) -> Session:
    """Let somebody in at the route of the request, by what they showed, or refuse them."""
    guard: Guard = request.app.state.guard
    rates: CallerRates = request.app.state.rates
    address = request.client.host if request.client else ""
    route = route_of(request)
    try:
        principal, bearer = await guard.identify_soon(
            authorization, is_public=guard.is_public(route)
        )
    except UnauthenticatedError:
        rates.check_address(address)
        raise
    rates.check_caller(principal, address)
    guard.check_route(route, principal)
    return Session(request.app.state.clients, bearer, principal)


def route_of(request: Request) -> str:
    """Return the route of a request as the table of who may do what names it."""
    return f"{request.method} {request.scope['route'].path_format}"


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

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^("[0-9]{1,18}"|\*)$',
        description=(
            "The ETag of the case the caller saw, in place of `expected_version`; "
            "412 where the case has another version now."
        ),
        examples=['"4"'],
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


@dataclass(frozen=True, slots=True)
class Change:
    """A change somebody wants on a case: named for repetition, as of a version they saw."""

    session: Session
    key: str
    seen: int
    """The version If-Match names; 0 where it names none."""

    async def make(
        self,
        method: Callable[..., Any],
        into: type[Message],
        body: BaseModel,
        case_id: str,
        *,
        whole: bool = False,
    ) -> Response:
        """Have a service make the change; answer with the case after it, or the whole answer."""
        request: Any = read(into, body, case_id=case_id, request_id=self.key)
        if self.seen and request.expected_version not in (0, self.seen):
            raise InvalidError("If-Match names another version", field="expected_version")
        request.expected_version = self.seen or request.expected_version
        try:
            made = await self.session.call(method, request)
            return answer(made if whole else made.case, headers=etag(made.case))
        except VersionConflictError as error:
            if self.seen:
                raise PreconditionError(error.message) from error
            raise


async def open_change(caller: Caller, key: IdempotencyKey, seen: IfMatch = None) -> Change:
    """Tell who wants the change, by which name, and as of which version."""
    return Change(caller, key, int(seen.strip('"')) if seen and seen != "*" else 0)


Changing = Annotated[Change, Depends(open_change)]


def etag(case: Any) -> dict[str, str]:
    """Return the entity tag of a case, which is its version."""
    return {"ETag": f'"{case.version}"'}


def answer(
    message: Message, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a message as the JSON answer."""
    return Response(codec.encode(message), status, headers=headers, media_type="application/json")

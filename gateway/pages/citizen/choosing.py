"""What somebody chose before they sent their request, made good once the model has decided."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from gateway.http.problems import BusyError
from gateway.pages.visit import Visit
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.routing.v1 import routing_pb2
from services.chassis.errors import ServiceError

PERSON = "person"
"""Chosen in the place of a service."""
PATIENCE_SECONDS = 3.0
REST_SECONDS = 0.5
"""Between two looks at a case that cannot be followed."""
REQUEST_ID = "chosen-before"
"""A case has one choice that was made before it was sent, however often it is brought."""
CHOSE = N_("I chose another service: %(title)s")
CHOSEN = N_("I chose this service: %(title)s")
ASKED = N_("I want a person to choose the service.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and the region it was chosen for."""

    service_id: str
    region: str

    @property
    def wants_person(self) -> bool:
        """Tell whether a person is to choose the service."""
        return self.service_id == PERSON


async def in_words(visit: Visit, choice: Choice) -> str:
    """Return what was chosen in words, which stay with the case for whoever decides on it."""
    if not choice.service_id:
        return ""
    if choice.wants_person:
        return visit.words(ASKED)
    return visit.words(CHOSEN) % {"title": await _title(visit, choice)}


async def settle(visit: Visit, case_id: str, choice: Choice) -> None:
    """Bring a choice to a case that was sent a moment ago, as soon as it is decided upon.

    Where that takes too long, or cannot be, the case has the choice in words all the same. The
    wish for a person needs none of this: it went with the case, and no model is asked.
    """
    # The request is sent: nothing that fails from here on may cost its citizen the receipt.
    try:
        case = await _decided(visit, case_id)
        if case.state == pb.STATE_CONFIRMATION_REQUESTED:
            await _confirm(visit, case, choice)
        elif case.state == pb.STATE_ROUTED and case.service_id != choice.service_id:
            await _object(visit, case, choice)
    except ServiceError:
        return


async def _decided(visit: Visit, case_id: str) -> Any:
    """Return the case once somebody decided on it, or as it is when patience ends."""
    end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    request = pb.GetCaseRequest(case_id=case_id)
    with ExitStack() as opened:
        moved = _moved(visit, case_id, opened)
        while True:
            case = (await visit.call(visit.session.clients.cases.GetCase, request)).case
            left = end - asyncio.get_running_loop().time()
            if case.state != pb.STATE_SUBMITTED or left <= 0:
                return case
            await moved(left)


def _moved(visit: Visit, case_id: str, opened: ExitStack) -> Callable[[float], Awaitable[object]]:
    """Return what waits until a case moves; where too many are followed, it waits a little."""
    try:
        return opened.enter_context(visit.pages.watch.follow(case_id)).moved
    except BusyError:
        return _rest


async def _rest(seconds: float) -> None:
    await asyncio.sleep(min(seconds, REST_SECONDS))


async def _confirm(visit: Visit, case: Any, choice: Choice) -> None:
    offered = {one.service_id for one in case.decision.alternatives}
    request = routing_pb2.ConfirmCaseRequest(
        case_id=case.id,
        service_id=choice.service_id if choice.service_id in offered else "",
        region=choice.region,
        expected_version=case.version,
        request_id=REQUEST_ID,
    )
    await visit.call(visit.session.clients.routing.ConfirmCase, request)


async def _object(visit: Visit, case: Any, choice: Choice) -> None:
    """Have a person decide, where the model chose something else."""
    request = pb.ObjectToDecisionRequest(
        case_id=case.id,
        text=visit.words(CHOSE) % {"title": await _title(visit, choice)},
        expected_version=case.version,
        request_id=REQUEST_ID,
    )
    await visit.call(visit.session.clients.cases.ObjectToDecision, request)


async def _title(visit: Visit, choice: Choice) -> str:
    register = await visit.pages.register.at_hand(visit.session)
    return str(getattr(register.title(choice.service_id), visit.language))

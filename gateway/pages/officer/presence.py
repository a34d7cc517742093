"""Who has a case open at a desk: shown to whoever comes second, who may take it over."""

import re
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.pages.visit import Visit
from gateway.pages.words import N_
from qyzmet.cases.v1 import cases_pb2 as pb

TAKEN = N_("You have this case now. Whoever had it open is told when they look at it again.")
NO_NAME = re.compile(r"[0-9a-fA-F-]{16,}")
"""What an issuer calls people by that is no name to anybody."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A colleague who has a case open."""

    name: str
    """Empty where the issuer gives people no names."""
    minutes: int
    """Since when."""
    seen_time: Timestamp
    took_over: bool
    """Whether they took it over from whoever looks now."""


async def colleague_at(visit: Visit, case_id: str) -> Colleague | None:
    """Open a case, and return which colleague has it open; nobody where it is one's own."""
    opening = await _open(visit, case_id)
    if opening.is_own:
        return None
    open_seconds = visit.pages.now().timestamp() - opening.open_time.seconds
    return Colleague(
        name="" if NO_NAME.fullmatch(opening.subject) else opening.subject,
        minutes=max(0, int(open_seconds // 60)),
        seen_time=opening.seen_time,
        took_over=opening.taken_from == visit.session.principal.subject,
    )


async def take_over(visit: Visit, case_id: str) -> None:
    """Go on with a case that a colleague has open."""
    await _open(visit, case_id, take_over=True)


async def _open(visit: Visit, case_id: str, *, take_over: bool = False) -> pb.Opening:
    request = pb.OpenCaseRequest(case_id=case_id, take_over=take_over)
    found: pb.OpenCaseResponse = await visit.call(visit.session.clients.cases.OpenCase, request)
    return found.opening

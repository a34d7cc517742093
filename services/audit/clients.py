"""The world audit calls: the register of services, of which it keeps a copy, and cases."""

import threading
from collections.abc import Callable, Sequence

import structlog

from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.audit.domain import Listed, NoRegisterError, Register
from services.audit.domain.counting import ONLINE
from services.audit.domain.demand import Period
from services.audit.domain.reconciling import Decided, Key
from services.audit.domain.topics import Topic
from services.chassis import codec
from services.chassis.auth import current_bearer
from services.chassis.client import Caller, open_channel
from services.chassis.errors import NotFoundError, ServiceError
from services.chassis.tls import Secured

REFRESH_SECONDS = 10.0
REFRESH_DEADLINE = 2.0
MOST_PAST = 50
"""So many versions of the past are remembered; none ever changes."""
GROUPING_DEADLINE = 120.0
"""To group thousands of texts takes seconds, and nobody waits for it."""

CHANNEL = pb.DESCRIPTOR.enum_types_by_name["Channel"]

log = structlog.get_logger()


class GrpcRegisters:
    """The catalog service over gRPC, asked at most every ten seconds.

    While somebody asks, and while the catalog is away, others get the last copy.
    """

    def __init__(
        self,
        address: str,
        caller: Caller,
        monotonic: Callable[[], float],
        secured: Secured | None = None,
    ) -> None:
        self._channel = open_channel(address, secured)
        self._stub = pb_grpc.CatalogServiceStub(self._channel)
        self._caller = caller
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: Register | None = None
        self._ask_at = 0.0
        self._past: dict[str, Register] = {}

    def latest(self) -> Register:
        """Return what is known of the register; NoRegisterError if it was never reached."""
        if self._known is None:
            self._wait_for_first()
        elif self._monotonic() >= self._ask_at and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        if self._known is None:
            raise NoRegisterError
        return self._known

    def of_version(self, version: str) -> Register | None:
        """Return the register as it was once; none where the catalog does not keep it."""
        if version not in self._past:
            request = pb.GetCatalogueRequest(version=version)
            try:
                answer = self._caller.call(
                    self._stub.GetCatalogue, request, deadline=REFRESH_DEADLINE
                )
            except NotFoundError:
                return None
            if len(self._past) >= MOST_PAST:
                self._past.clear()
            self._past[version] = from_proto(answer.catalogue)
        return self._past.get(version)

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def _wait_for_first(self) -> None:
        """Ask, or wait for somebody who does; a failure is not remembered."""
        if self._lock.acquire(timeout=REFRESH_DEADLINE):
            try:
                if self._known is None:
                    self._refresh()
            finally:
                self._lock.release()

    def _refresh(self) -> None:
        known = self._known.version if self._known else ""
        request = pb.GetCatalogueRequest(known_version=known)
        try:
            answer = self._caller.call(self._stub.GetCatalogue, request, deadline=REFRESH_DEADLINE)
        except ServiceError as error:
            log.warning("register not refreshed", code=error.reason)
        else:
            if answer.HasField("catalogue"):
                self._known = from_proto(answer.catalogue)
        self._ask_at = self._monotonic() + REFRESH_SECONDS


class GrpcCases:
    """The cases service over gRPC, asked in the name of whoever calls us, or in ours."""

    def __init__(self, address: str, caller: Caller, secured: Secured | None = None) -> None:
        self._channel = open_channel(address, secured)
        self._stub = cases_pb2_grpc.CasesServiceStub(self._channel)
        self._caller = caller

    def check(self, case_id: str) -> None:
        """Refuse a case the caller may not see, in the words of a case that does not exist."""
        request = cases_pb2.GetCaseRequest(case_id=case_id)
        self._caller.call(self._stub.GetCase, request, bearer=current_bearer())

    def decided(self, after: Key, limit: int) -> Sequence[Decided]:
        """Return decided versions in the order of their keys, behind one of them."""
        behind = cases_pb2.DecidedVersion(case_id=after[0], case_version=after[1])
        request = cases_pb2.ListDecidedRequest(page_size=limit, after=behind)
        found = self._caller.call(self._stub.ListDecided, request).versions
        return [codec.to_domain(one, Decided) for one in found]

    def topics(self, days: Period) -> Sequence[Topic]:
        """Return what cases that went to a person in some days are about."""
        request = cases_pb2.ListTriagedTopicsRequest(
            start_date=days.start.isoformat(), end_date=days.end.isoformat()
        )
        told = self._caller.call(self._stub.ListTriagedTopics, request, deadline=GROUPING_DEADLINE)
        return [codec.to_domain(one, Topic) for one in told.topics]

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


def from_proto(catalogue: pb.Catalogue) -> Register:
    """Return what audit wants to know of a catalogue."""
    services = [
        Listed(one.id, one.agency, one.life_event, codec.kebab(CHANNEL, one.channel) or "")
        for one in catalogue.services
    ]
    online = sum(one.channel == ONLINE for one in services)
    successors = {one.id: one.successor_id for one in catalogue.retired}
    return Register(catalogue.version, len(services), online, services, successors)

"""A copy of the register that outlives an absence of catalog."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.client import Caller
from services.chassis.errors import ServiceError, UnavailableError
from services.chassis.telemetry import failure
from services.routing.domain import Catalogue, Service

FRESH_SECONDS = 5.0
FIRST_SECONDS = 30.0
RETRY_SECONDS = 0.2

log = structlog.get_logger()


class CatalogueCopy:
    """The newest register we could get; a thread of its own keeps it fresh."""

    def __init__(
        self,
        stub: pb_grpc.CatalogServiceStub,
        caller: Caller,
        check: Callable[[Catalogue], None],
        *,
        fresh_seconds: float = FRESH_SECONDS,
        first_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._stub = stub
        self._caller = caller
        self._check = check
        self._fresh_seconds = fresh_seconds
        self._first_seconds = first_seconds
        self._copy: Catalogue | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="catalogue-copy", daemon=True)

    def start(self) -> None:
        """Wait for the first copy, and go on from there; a policy that does not fit it stops us."""
        self._check(self._first())
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Keep what we have, and look no more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(grace)

    def __call__(self) -> Catalogue:
        """Give the register as it is known now."""
        if self._copy is None:
            raise UnavailableError("the register of services is not known yet")
        return self._copy

    def _first(self) -> Catalogue:
        end = time.monotonic() + self._first_seconds
        while True:
            try:
                return self._refresh()
            except ServiceError as error:
                if time.monotonic() >= end or self._stopping.wait(RETRY_SECONDS):
                    raise UnavailableError("catalog does not answer") from error

    def _follow(self) -> None:
        while not self._stopping.wait(self._fresh_seconds):
            try:
                before = self()
                if (copy := self._refresh()) is not before:
                    self._check(copy)
            except ServiceError as error:
                log.warning("catalogue copy needs attention", code=error.reason)
            except Exception as error:  # noqa: BLE001  the copy must outlive every surprise
                log.error("catalogue copy failed", **failure(error))

    def _refresh(self) -> Catalogue:
        """Take the register over if it is another than ours."""
        known = self._copy.version if self._copy else ""
        request = pb.GetCatalogueRequest(known_version=known)
        answer = self._caller.call(self._stub.GetCatalogue, request)
        if answer.HasField("catalogue"):
            self._copy = from_proto(answer.catalogue)
            log.info("catalogue taken over", version=self._copy.version)
        return self()


def from_proto(message: pb.Catalogue) -> Catalogue:
    """Return what routing needs of the register.

    A service is regional where it says so, and where its agency is.
    """
    regional = {agency.code for agency in message.agencies if agency.regional}
    services = [codec.to_domain(service, Service) for service in message.services]
    return Catalogue.of(
        message.version,
        [replace(one, regional=one.regional or one.agency in regional) for one in services],
        [region.code for region in message.regions],
        {one.id: one.successor_id for one in message.retired},
    )

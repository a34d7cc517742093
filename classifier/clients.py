"""The world the classifier calls: the catalogue, and cases for the words of corrections."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import stamina

from classifier.corrections import Masked
from classifier.labelled import names_of
from classifier.watch import Register
from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.client import Caller, open_channel
from services.chassis.errors import RETRYABLE
from services.chassis.tls import Secured


class CatalogueClient:
    """Reads the register of services from the catalogue service."""

    def __init__(
        self,
        address: str,
        bearer: Callable[[], str],
        *,
        deadline: float,
        secured: Secured | None = None,
    ) -> None:
        self._channel = open_channel(address, secured)
        self._stub = pb_grpc.CatalogServiceStub(self._channel)
        self._caller = Caller(bearer, deadline)
        self._deadline = deadline
        self._known = Register("", frozenset())

    def register(self) -> Register:
        """Return the ids of all services; asks again while the catalogue is away."""
        known = self._known
        request = pb.GetCatalogueRequest(known_version=known.version)
        for attempt in stamina.retry_context(
            on=RETRYABLE, attempts=None, timeout=self._deadline, wait_max=1.0
        ):
            with attempt:
                answer = self._caller.call(self._stub.GetCatalogue, request)
        if not answer.HasField("catalogue"):
            return known
        catalogue = answer.catalogue
        titles = {one.id: (one.title.kk, one.title.ru, one.title.en) for one in catalogue.services}
        successors = {one.id: one.successor_id for one in catalogue.retired}
        self._known = Register(
            catalogue.version, frozenset(titles), successors, names_of(titles, successors)
        )
        return self._known

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


TEXTS_PER_CALL = 200
"""So many texts of 4,000 characters fit into one gRPC message, whatever the alphabet."""


class CasesClient:
    """Fetches masked words from the service that keeps them."""

    def __init__(self, stub: cases_pb2_grpc.CasesServiceStub, caller: Caller) -> None:
        self._stub = stub
        self._caller = caller

    def words(self, case_ids: Sequence[str]) -> Mapping[str, Masked]:
        """Return the words of those cases that exist, many in a call."""
        return {
            told.case_id: Masked(told.text, codec.kebab(_LANGUAGE, told.language) or "")
            for begin in range(0, len(case_ids), TEXTS_PER_CALL)
            for told in self._batch(case_ids[begin : begin + TEXTS_PER_CALL])
        }

    def _batch(self, case_ids: Sequence[str]) -> Sequence[cases_pb2.MaskedText]:
        request = cases_pb2.BatchGetMaskedTextRequest(case_ids=case_ids)
        return self._caller.call(self._stub.BatchGetMaskedText, request).texts


_LANGUAGE = pb.DESCRIPTOR.enum_types_by_name["Language"]


@contextmanager
def cases_at(
    address: str,
    bearer: Callable[[], str],
    *,
    deadline: float,
    secured: Secured | None = None,
) -> Iterator[CasesClient]:
    """Give a client of cases, and close its channel."""
    with open_channel(address, secured) as channel:
        stub = cases_pb2_grpc.CasesServiceStub(channel)
        yield CasesClient(stub, Caller(bearer, deadline))

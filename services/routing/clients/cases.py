"""Cases over gRPC: read in the caller's own name or in ours, decided upon in ours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.auth import current_bearer
from services.chassis.client import Caller
from services.routing.domain import Actor, Case, Decision, Outcome
from services.routing.ports import Result, Waiting, Wanted

TEXTS_PER_CALL = 200
"""So many texts of 4,000 characters fit into one gRPC message, whatever the alphabet."""
NO_VERSION = -1
"""The version of no case: what is decided upon it is answered, and never recorded."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CasesClient:
    """Fits both ports of cases."""

    stub: pb_grpc.CasesServiceStub
    caller: Caller

    def waiting(self, case_ids: Sequence[str]) -> Sequence[Waiting]:
        """Return those cases that exist, with their masked words."""
        return [
            codec.to_domain(text, Waiting)
            for page in pages(case_ids, TEXTS_PER_CALL)
            for text in self.caller.call(
                self.stub.BatchGetMaskedText, pb.BatchGetMaskedTextRequest(case_ids=page)
            ).texts
        ]

    def record(self, wanted: Sequence[Wanted]) -> Sequence[Result]:
        """Record decisions on different cases; each stands or falls by itself."""
        decisions = [codec.to_proto(one, pb.CaseDecision) for one in wanted]
        request = pb.RecordDecisionsRequest(decisions=decisions)
        answer = self.caller.call(self.stub.RecordDecisions, request)
        return [codec.to_domain(result, Result) for result in answer.results]

    def get(self, case_id: str) -> Case:
        """Return a case the running call's caller may see."""
        answer = self.caller.call(
            self.stub.GetCase, pb.GetCaseRequest(case_id=case_id), bearer=current_bearer()
        )
        return codec.to_domain(answer.case, Case)

    def repeated(self, case_id: str, request_id: str, choice: str, region: str) -> Result:
        """Tell whether a decision of this name stands already, for this choice or another.

        Cases looks at the name before the version, so that asking for a decision on
        a version that cannot be tells of the name alone, and of what it stands for.
        """
        asked = Wanted(
            case_id=case_id,
            expected_version=NO_VERSION,
            request_id=request_id,
            decision=Decision(outcome=Outcome.TRIAGE, actor=Actor.SYSTEM, reason_code=""),
            region=region,
            choice=choice,
        )
        return self.record([asked])[0]


def pages(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces of at most the size."""
    return (values[start : start + size] for start in range(0, len(values), size))

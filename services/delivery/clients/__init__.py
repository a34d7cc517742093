"""The world delivery calls: the system of record."""

from collections.abc import Sequence

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from services.chassis.auth import current_bearer
from services.chassis.client import Caller, open_channel
from services.chassis.tls import Secured
from services.delivery.domain import Answer, AnswerKind
from services.delivery.domain.clocks import Alarm, Kind

KINDS = {
    AnswerKind.ACCEPT: pb.RESPONSE_KIND_ACCEPT,
    AnswerKind.COMPLETE: pb.RESPONSE_KIND_COMPLETE,
    AnswerKind.RETURN: pb.RESPONSE_KIND_RETURN,
    AnswerKind.ASK: pb.RESPONSE_KIND_ASK,
}


CLOCKS = {
    Kind.RECEIPT: pb.CLOCK_RECEIPT,
    Kind.PASS_ON: pb.CLOCK_PASS_ON,
    Kind.TERM: pb.CLOCK_TERM,
}
STANDS = (pb.RECORD_STATUS_RECORDED, pb.RECORD_STATUS_REPEATED)


class GrpcCases:
    """The cases service over gRPC, called in delivery's own name but where somebody asks to see."""

    def __init__(self, address: str, caller: Caller, secured: Secured | None = None) -> None:
        self._channel = open_channel(address, secured)
        self._stub = pb_grpc.CasesServiceStub(self._channel)
        self._caller = caller

    def answer(self, answer: Answer) -> pb.Case:
        """Record what an office answered and return the case after it."""
        request = pb.RecordResponseRequest(
            case_id=answer.case_id,
            expected_version=answer.expected_version,
            request_id=answer.request_id,
            office=answer.office,
            kind=KINDS[answer.kind],
            reason_code=answer.code,
            text=answer.text,
            suggested_service_id=answer.suggested_service_id,
            suggested_office=answer.suggested_office,
        )
        return self._caller.call(self._stub.RecordResponse, request).case

    def check(self, case_id: str) -> None:
        """Refuse a case the caller may not see, in the words of a case that does not exist."""
        request = pb.GetCaseRequest(case_id=case_id)
        self._caller.call(self._stub.GetCase, request, bearer=current_bearer())

    def contact(self, case_id: str) -> str:
        """Ask where a citizen wants answers; cases records that we did."""
        request = pb.GetContactRequest(case_id=case_id)
        return self._caller.call(self._stub.GetContact, request).contact

    def tell(self, overdue: Sequence[Alarm]) -> frozenset[str]:
        """Tell cases of alarms on different cases; return the cases for which they hold."""
        request = pb.RecordOverdueRequest()
        for alarm in overdue:
            request.cases.add(
                case_id=alarm.case_id,
                request_id=alarm.name,
                clock=CLOCKS[alarm.clock],
                level=alarm.level,
                office=alarm.office,
            )
        results = self._caller.call(self._stub.RecordOverdue, request).results
        return frozenset(one.case_id for one in results if one.status in STANDS)

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

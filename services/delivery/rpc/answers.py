"""The door on threads: offices answer, and read their feeds page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import grpc

from qyzmet.cases.v1 import cases_pb2
from qyzmet.delivery.v1 import delivery_pb2 as pb
from qyzmet.delivery.v1 import delivery_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.auth import current_principal
from services.delivery import handlers
from services.delivery.domain import Answer, AnswerKind, Cursor
from services.delivery.domain.clocks import Alarm, Ring
from services.delivery.domain.notices import Kept
from services.delivery.handlers.clocks import alarm_counts
from services.delivery.ports import Alarms, Cases, Feeds
from services.delivery.rpc.message import to_proto

SERVICE = "qyzmet.delivery.v1.DeliveryService"

AnyAnswer = (
    pb.AcceptCaseRequest | pb.CompleteCaseRequest | pb.ReturnCaseRequest | pb.AskCitizenRequest
)


@dataclass(frozen=True, slots=True)
class DeliveryServicer(pb_grpc.DeliveryServiceServicer):
    """Answers qyzmet.delivery.v1.DeliveryService."""

    feeds: Feeds
    cases: Cases[cases_pb2.Case]
    alarms: Alarms
    rung: Callable[[Sequence[str], frozenset[str]], Sequence[Alarm]]
    """Tells what rang on cases that one of the offices holds."""
    told: Callable[[str], Sequence[Kept]]
    """Tells what the citizen of a case was told, to whom may see the case."""

    def AcceptCase(  # noqa: N802
        self, request: pb.AcceptCaseRequest, context: grpc.ServicerContext
    ) -> pb.AcceptCaseResponse:
        """Say that the office works on the case."""
        return pb.AcceptCaseResponse(case=self._respond(AnswerKind.ACCEPT, request, ""))

    def CompleteCase(  # noqa: N802
        self, request: pb.CompleteCaseRequest, context: grpc.ServicerContext
    ) -> pb.CompleteCaseResponse:
        """Say that the office is done."""
        code, text = request.outcome_code, request.text
        case = self._respond(AnswerKind.COMPLETE, request, code, text=text)
        return pb.CompleteCaseResponse(case=case)

    def ReturnCase(  # noqa: N802
        self, request: pb.ReturnCaseRequest, context: grpc.ServicerContext
    ) -> pb.ReturnCaseResponse:
        """Say that the case is not the office's, why, and whose it may be."""
        case = self._respond(
            AnswerKind.RETURN,
            request,
            request.reason_code,
            suggested_service_id=request.suggested_service_id,
            suggested_office=request.suggested_office,
        )
        return pb.ReturnCaseResponse(case=case)

    def AskCitizen(  # noqa: N802
        self, request: pb.AskCitizenRequest, context: grpc.ServicerContext
    ) -> pb.AskCitizenResponse:
        """Ask the citizen something."""
        case = self._respond(AnswerKind.ASK, request, request.question_code, text=request.text)
        return pb.AskCitizenResponse(case=case)

    def ListAlarmCounts(  # noqa: N802
        self, request: pb.ListAlarmCountsRequest, context: grpc.ServicerContext
    ) -> pb.ListAlarmCountsResponse:
        """Tell how often each office was late."""
        told = pb.ListAlarmCountsResponse()
        for office, counts in alarm_counts(alarms=self.alarms):
            told.counts.add(
                office=office,
                unacknowledged_count=counts.get(Ring.UNACKNOWLEDGED, 0),
                reminder_count=counts.get(Ring.REMINDER, 0),
                overdue_count=counts.get(Ring.OVERDUE, 0),
            )
        return told

    def BatchGetAlarms(  # noqa: N802
        self, request: pb.BatchGetAlarmsRequest, context: grpc.ServicerContext
    ) -> pb.BatchGetAlarmsResponse:
        """Tell which clocks of cases have rung and run on."""
        found = self.rung(request.case_ids, current_principal().offices)
        return pb.BatchGetAlarmsResponse(alarms=(codec.to_proto(one, pb.Alarm) for one in found))

    def ListNotices(  # noqa: N802
        self, request: pb.ListNoticesRequest, context: grpc.ServicerContext
    ) -> pb.ListNoticesResponse:
        """Tell what the citizen of a case was told, and how it ended."""
        found = self.told(request.case_id)
        return pb.ListNoticesResponse(notices=(codec.to_proto(one, pb.Notice) for one in found))

    def ListFeedEvents(  # noqa: N802
        self, request: pb.ListFeedEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListFeedEventsResponse:
        """Return a page of an office's feed."""
        page = handlers.list_events(
            request.office,
            Cursor(request.after_sequence, request.after_event_id),
            request.page_size,
            offices=current_principal().offices,
            feeds=self.feeds,
        )
        return pb.ListFeedEventsResponse(events=map(to_proto, page))

    def _respond(
        self, kind: AnswerKind, request: AnyAnswer, code: str, **more: str
    ) -> cases_pb2.Case:
        answer = Answer(
            kind=kind,
            case_id=request.case_id,
            office=request.office,
            expected_version=request.expected_version,
            request_id=request.request_id,
            code=code,
            **more,
        )
        return handlers.respond(answer, offices=current_principal().offices, cases=self.cases)

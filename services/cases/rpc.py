"""The gRPC door: protobuf in, domain inside, protobuf out."""

from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from qyzmet.catalog.v1 import catalog_pb2
from services.cases import handlers
from services.cases.domain import Answer, Case, Decision, State, Step, Words
from services.cases.ports import Cases, Clock, History, Mask, Result, Vault
from services.chassis import codec
from services.chassis.auth import current_principal
from services.chassis.errors import InvalidError

SERVICE = "qyzmet.cases.v1.CasesService"

LANGUAGE = catalog_pb2.DESCRIPTOR.enum_types_by_name["Language"]
STATE = pb.DESCRIPTOR.enum_types_by_name["State"]
ANSWER = pb.DESCRIPTOR.enum_types_by_name["ResponseKind"]
STATUS = pb.DESCRIPTOR.enum_types_by_name["RecordStatus"]


@dataclass(frozen=True, slots=True)
class CasesServicer(pb_grpc.CasesServiceServicer):
    """Answers qyzmet.cases.v1.CasesService."""

    cases: Cases
    history: History
    vault: Vault
    mask: Mask
    now: Clock

    def SubmitCase(  # noqa: N802
        self, request: pb.SubmitCaseRequest, context: grpc.ServicerContext
    ) -> pb.SubmitCaseResponse:
        """Accept a citizen's request."""
        accepted = handlers.submit(
            current_principal(),
            request.request_id,
            Words(text=request.text, contact=request.contact),
            language=codec.kebab(LANGUAGE, request.language),
            region=request.region,
            cases=self.cases,
        )
        return pb.SubmitCaseResponse(case=to_proto(accepted))

    def GetCase(  # noqa: N802
        self, request: pb.GetCaseRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseResponse:
        """Return one case with its timeline."""
        case, steps = handlers.get(
            current_principal(), request.case_id, cases=self.cases, history=self.history
        )
        return pb.GetCaseResponse(case=to_proto(case, steps))

    def ListCases(  # noqa: N802
        self, request: pb.ListCasesRequest, context: grpc.ServicerContext
    ) -> pb.ListCasesResponse:
        """List the cases the caller may see."""
        state = codec.kebab(STATE, request.state)
        page, token = handlers.list_cases(
            current_principal(),
            page_size=request.page_size,
            page_token=request.page_token,
            state=State(state) if state else None,
            office=request.office,
            cases=self.cases,
        )
        return pb.ListCasesResponse(cases=map(to_proto, page), next_page_token=token)

    def GetCaseText(  # noqa: N802
        self, request: pb.GetCaseTextRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseTextResponse:
        """Return the citizen's words, and record who read them."""
        words = handlers.read_text(
            current_principal(),
            request.case_id,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
        )
        return pb.GetCaseTextResponse(text=words.text, contact=words.contact)

    def GetContact(  # noqa: N802
        self, request: pb.GetContactRequest, context: grpc.ServicerContext
    ) -> pb.GetContactResponse:
        """Return where a citizen wants answers, and record who asked."""
        words = handlers.read_text(
            current_principal(),
            request.case_id,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
        )
        return pb.GetContactResponse(contact=words.contact)

    def BatchGetMaskedText(  # noqa: N802
        self, request: pb.BatchGetMaskedTextRequest, context: grpc.ServicerContext
    ) -> pb.BatchGetMaskedTextResponse:
        """Return masked words of many cases."""
        found = handlers.masked_texts(
            request.case_ids, cases=self.cases, vault=self.vault, mask=self.mask
        )
        return pb.BatchGetMaskedTextResponse(texts=map(_masked_to_proto, found))

    def RecordDecisions(  # noqa: N802
        self, request: pb.RecordDecisionsRequest, context: grpc.ServicerContext
    ) -> pb.RecordDecisionsResponse:
        """Record many decisions."""
        wanted = [_wanted_from_proto(one) for one in request.decisions]
        results = handlers.record_decisions(wanted, cases=self.cases, now=self.now)
        return pb.RecordDecisionsResponse(
            results=(
                _result_to_proto(one.case_id, result)
                for one, result in zip(wanted, results, strict=True)
            )
        )

    def RecordResponse(  # noqa: N802
        self, request: pb.RecordResponseRequest, context: grpc.ServicerContext
    ) -> pb.RecordResponseResponse:
        """Record an office's answer."""
        kind = codec.kebab(ANSWER, request.kind)
        if kind is None:
            raise InvalidError("say what the office answers", field="kind")
        case = handlers.record_answer(
            request.case_id,
            Answer(kind),
            expected_version=request.expected_version,
            request_id=request.request_id,
            office=request.office,
            reason_code=request.reason_code,
            cases=self.cases,
            now=self.now,
        )
        return pb.RecordResponseResponse(case=to_proto(case))

    def WithdrawCase(  # noqa: N802
        self, request: pb.WithdrawCaseRequest, context: grpc.ServicerContext
    ) -> pb.WithdrawCaseResponse:
        """End a case at its citizen's wish."""
        case = handlers.withdraw(
            current_principal(),
            request.case_id,
            expected_version=request.expected_version,
            request_id=request.request_id,
            cases=self.cases,
            now=self.now,
        )
        return pb.WithdrawCaseResponse(case=to_proto(case))


def to_proto(case: Case, steps: Sequence[Step] = ()) -> pb.Case:
    """Return a case, with its timeline where steps are given."""
    message = codec.to_proto(case, pb.Case)
    message.timeline.extend(codec.to_proto(step, pb.TimelineEntry) for step in steps)
    return message


def _masked_to_proto(masked: handlers.Masked) -> pb.MaskedText:
    message = codec.to_proto(masked.case, pb.MaskedText)
    message.case_id = masked.case.id
    message.case_version = masked.case.version
    message.text = masked.text
    return message


def _wanted_from_proto(message: pb.CaseDecision) -> handlers.Wanted:
    return handlers.Wanted(
        case_id=message.case_id,
        expected_version=message.expected_version,
        request_id=message.request_id,
        decision=codec.to_domain(message.decision, Decision),
        region=message.region,
    )


def _result_to_proto(case_id: str, result: Result) -> pb.DecisionResult:
    return pb.DecisionResult(
        case_id=case_id,
        status=codec.number(STATUS, result.status),  # type: ignore[arg-type]  # an enum is its number
        case=to_proto(result.case) if result.case else None,
    )

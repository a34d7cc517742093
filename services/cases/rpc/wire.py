"""The pairs of messages and what they mean to cases."""

from collections.abc import Mapping, Sequence

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2
from services.cases import handlers
from services.cases.domain import Case, Decision, LocalizedText, Step
from services.cases.ports import Result
from services.chassis import codec
from services.chassis.auth import current_principal

AnyWish = (
    pb.WithdrawCaseRequest
    | pb.ProvideInformationRequest
    | pb.ReopenCaseRequest
    | pb.ObjectToDecisionRequest
    | pb.RateCaseRequest
)
NO_WORDS: Mapping[str, LocalizedText] = {}
STATUS = pb.DESCRIPTOR.enum_types_by_name["RecordStatus"]


def to_proto(
    case: Case, steps: Sequence[Step] = (), reasons: Mapping[str, LocalizedText] = NO_WORDS
) -> pb.Case:
    """Return a case, with its timeline where steps are given, and the reasons in words."""
    message = codec.to_proto(case, pb.Case)
    for step in steps:
        entry = codec.to_proto(step, pb.TimelineEntry)
        if words := reasons.get(step.reason_code):
            entry.reason.CopyFrom(codec.to_proto(words, catalog_pb2.LocalizedText))
        message.timeline.append(entry)
    return message


def wish_from_proto(request: AnyWish) -> handlers.Wish:
    """Return whose wish a request is, and for which case."""
    return handlers.Wish(
        current_principal(), request.case_id, request.expected_version, request.request_id
    )


def masked_to_proto(masked: handlers.Masked) -> pb.MaskedText:
    """Return a case's masked words."""
    message = codec.to_proto(masked.case, pb.MaskedText)
    message.case_id = masked.case.id
    message.case_version = masked.case.version
    message.text = masked.text
    message.commitment = masked.commitment
    message.messages.extend(codec.to_proto(one, pb.CaseMessage) for one in masked.messages)
    return message


def wanted_from_proto(message: pb.CaseDecision) -> handlers.Wanted:
    """Return a decision somebody brings."""
    return handlers.Wanted(
        case_id=message.case_id,
        expected_version=message.expected_version,
        request_id=message.request_id,
        decision=codec.to_domain(message.decision, Decision),
        region=message.region,
        choice=message.choice,
    )


def result_to_proto(case_id: str, result: Result) -> pb.DecisionResult:
    """Return what became of a decision."""
    return pb.DecisionResult(
        case_id=case_id,
        status=codec.number(STATUS, result.status),  # type: ignore[arg-type]  # an enum is its number
        case=to_proto(result.case) if result.case else None,
    )


def overdue_to_proto(case_id: str, result: Result) -> pb.OverdueResult:
    """Return what became of a clock that ran out."""
    return pb.OverdueResult(
        case_id=case_id,
        status=codec.number(STATUS, result.status),  # type: ignore[arg-type]  # an enum is its number
    )

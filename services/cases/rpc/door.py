"""Answers each call of cases: the message in, the verb, the message out."""

from collections.abc import Mapping
from dataclasses import dataclass

import grpc

from qyzmet.cases.v1 import cases_pb2 as pb
from qyzmet.cases.v1 import cases_pb2_grpc as pb_grpc
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.classifier.v1 import classifier_pb2
from services.cases import handlers
from services.cases.domain import (
    Answer,
    LocalizedText,
    Rating,
    State,
    Suggestion,
    Words,
)
from services.cases.ports import (
    Cases,
    Clock,
    Group,
    History,
    Mask,
    Openings,
    Order,
    Readings,
    TriagedCases,
    Vault,
)
from services.cases.rpc.wire import (
    masked_to_proto,
    overdue_to_proto,
    result_to_proto,
    to_proto,
    wanted_from_proto,
    wish_from_proto,
)
from services.chassis import codec
from services.chassis.auth import current_principal
from services.chassis.contact import check_contact
from services.chassis.emergency import Recognise
from services.chassis.errors import InvalidError

SERVICE = "qyzmet.cases.v1.CasesService"

LANGUAGE = catalog_pb2.DESCRIPTOR.enum_types_by_name["Language"]
STATE = pb.DESCRIPTOR.enum_types_by_name["State"]
ORDER = pb.DESCRIPTOR.enum_types_by_name["CaseOrder"]
ANSWER = pb.DESCRIPTOR.enum_types_by_name["ResponseKind"]


@dataclass(frozen=True, slots=True)
class CasesServicer(pb_grpc.CasesServiceServicer):
    """Answers qyzmet.cases.v1.CasesService."""

    cases: Cases
    history: History
    vault: Vault
    readings: Readings
    openings: Openings
    mask: Mask
    now: Clock
    reasons: Mapping[str, LocalizedText]
    recognise: Recognise
    triaged: TriagedCases
    group: Group
    topic_people: int

    def SubmitCase(  # noqa: N802
        self, request: pb.SubmitCaseRequest, context: grpc.ServicerContext
    ) -> pb.SubmitCaseResponse:
        """Accept a citizen's request."""
        accepted = handlers.submit(
            current_principal(),
            request.request_id,
            Words(text=request.text, contact=check_contact(request.contact)),
            language=codec.kebab(LANGUAGE, request.language),
            region=request.region,
            wish=request.wish,
            ask_person=request.ask_person,
            service_id=request.service_id,
            cases=self.cases,
        )
        receipt = to_proto(accepted)
        if (emergency := self.recognise(request.text)) is not None:
            receipt.emergency.CopyFrom(codec.to_proto(emergency, classifier_pb2.Emergency))
        return pb.SubmitCaseResponse(case=receipt)

    def GetCase(  # noqa: N802
        self, request: pb.GetCaseRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseResponse:
        """Return one case with its timeline."""
        case, steps = handlers.get(
            current_principal(), request.case_id, cases=self.cases, history=self.history
        )
        return pb.GetCaseResponse(case=to_proto(case, steps, self.reasons))

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
            number=request.number.strip().upper(),
            service_id=request.service_id,
            due_before=codec.time_in(request, "due_before"),
            order=Order(codec.kebab(ORDER, request.order) or Order.NEWEST),
            cases=self.cases,
        )
        return pb.ListCasesResponse(cases=map(to_proto, page), next_page_token=token)

    def GetCaseText(  # noqa: N802
        self, request: pb.GetCaseTextRequest, context: grpc.ServicerContext
    ) -> pb.GetCaseTextResponse:
        """Return what was said on a case, and record who read it."""
        words, messages = handlers.read_text(
            current_principal(),
            request.case_id,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
        )
        others = handlers.recent_readings(
            current_principal(),
            request.case_id,
            readings=self.readings,
            history=self.history,
            now=self.now,
        )
        return pb.GetCaseTextResponse(
            text=words.text,
            contact=words.contact,
            messages=(codec.to_proto(one, pb.CaseMessage) for one in messages),
            recent_readings=(codec.to_proto(one, pb.Reading) for one in others),
        )

    def OpenCase(  # noqa: N802
        self, request: pb.OpenCaseRequest, context: grpc.ServicerContext
    ) -> pb.OpenCaseResponse:
        """Open a case, and tell who has it open."""
        principal = current_principal()
        found = handlers.open_case(
            principal,
            request.case_id,
            takes_over=request.take_over,
            cases=self.cases,
            openings=self.openings,
            now=self.now,
        )
        opening = codec.to_proto(found, pb.Opening)
        opening.is_own = found.subject == principal.subject
        return pb.OpenCaseResponse(opening=opening)

    def GetContact(  # noqa: N802
        self, request: pb.GetContactRequest, context: grpc.ServicerContext
    ) -> pb.GetContactResponse:
        """Return where a citizen wants answers, and record who asked."""
        words, _ = handlers.read_text(
            current_principal(),
            request.case_id,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
        )
        return pb.GetContactResponse(contact=words.contact)

    def ListReadings(  # noqa: N802
        self, request: pb.ListReadingsRequest, context: grpc.ServicerContext
    ) -> pb.ListReadingsResponse:
        """Tell who read the words of which case when."""
        page, token = handlers.list_readings(
            page_size=request.page_size,
            page_token=request.page_token,
            case_id=request.case_id,
            subject=request.subject,
            readings=self.readings,
        )
        readings = (codec.to_proto(one, pb.Reading) for one in page)
        return pb.ListReadingsResponse(readings=readings, next_page_token=token)

    def BatchGetMaskedText(  # noqa: N802
        self, request: pb.BatchGetMaskedTextRequest, context: grpc.ServicerContext
    ) -> pb.BatchGetMaskedTextResponse:
        """Return masked words of many cases."""
        found = handlers.masked_texts(
            current_principal(),
            request.case_ids,
            with_messages=request.include_messages,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
            mask=self.mask,
        )
        return pb.BatchGetMaskedTextResponse(texts=map(masked_to_proto, found))

    def RecordDecisions(  # noqa: N802
        self, request: pb.RecordDecisionsRequest, context: grpc.ServicerContext
    ) -> pb.RecordDecisionsResponse:
        """Record many decisions."""
        wanted = [wanted_from_proto(one) for one in request.decisions]
        results = handlers.record_decisions(
            wanted, cases=self.cases, vault=self.vault, mask=self.mask, now=self.now
        )
        return pb.RecordDecisionsResponse(
            results=(
                result_to_proto(one.case_id, result)
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
            text=request.text,
            suggestion=Suggestion(request.suggested_service_id, request.suggested_office),
            cases=self.cases,
            now=self.now,
        )
        return pb.RecordResponseResponse(case=to_proto(case))

    def RecordOverdue(  # noqa: N802
        self, request: pb.RecordOverdueRequest, context: grpc.ServicerContext
    ) -> pb.RecordOverdueResponse:
        """Record what was not done in time."""
        late = [codec.to_domain(one, handlers.Late) for one in request.cases]
        results = handlers.record_overdue(late, cases=self.cases, now=self.now)
        return pb.RecordOverdueResponse(
            results=(
                overdue_to_proto(one.case_id, result)
                for one, result in zip(late, results, strict=True)
            )
        )

    def ProvideInformation(  # noqa: N802
        self, request: pb.ProvideInformationRequest, context: grpc.ServicerContext
    ) -> pb.ProvideInformationResponse:
        """Take the citizen's answer to the office's question."""
        case = handlers.provide(
            wish_from_proto(request), Words(text=request.text), cases=self.cases, now=self.now
        )
        return pb.ProvideInformationResponse(case=to_proto(case))

    def ReopenCase(  # noqa: N802
        self, request: pb.ReopenCaseRequest, context: grpc.ServicerContext
    ) -> pb.ReopenCaseResponse:
        """Have a person look at a case that was called done."""
        case = handlers.reopen(
            wish_from_proto(request), request.text, cases=self.cases, now=self.now
        )
        return pb.ReopenCaseResponse(case=to_proto(case))

    def ObjectToDecision(  # noqa: N802
        self, request: pb.ObjectToDecisionRequest, context: grpc.ServicerContext
    ) -> pb.ObjectToDecisionResponse:
        """Have a person decide what a model decided."""
        case = handlers.object_to(
            wish_from_proto(request), request.text, cases=self.cases, now=self.now
        )
        return pb.ObjectToDecisionResponse(case=to_proto(case))

    def RateCase(  # noqa: N802
        self, request: pb.RateCaseRequest, context: grpc.ServicerContext
    ) -> pb.RateCaseResponse:
        """Keep the citizen's opinion."""
        rating = Rating(request.stars)
        case = handlers.rate(wish_from_proto(request), rating, cases=self.cases, now=self.now)
        return pb.RateCaseResponse(case=to_proto(case))

    def SplitCase(  # noqa: N802
        self, request: pb.SplitCaseRequest, context: grpc.ServicerContext
    ) -> pb.SplitCaseResponse:
        """Make a case of its own of a part that belongs elsewhere."""
        case, child = handlers.split(
            current_principal(),
            request.case_id,
            request.text,
            office=request.office,
            suggestion=Suggestion(request.suggested_service_id, request.suggested_office),
            expected_version=request.expected_version,
            request_id=request.request_id,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
            now=self.now,
        )
        return pb.SplitCaseResponse(case=to_proto(case), child=to_proto(child))

    def ListReasons(  # noqa: N802
        self, request: pb.ListReasonsRequest, context: grpc.ServicerContext
    ) -> pb.ListReasonsResponse:
        """Tell what the codes of timelines mean."""
        told = [
            pb.Reason(code=code, text=codec.to_proto(words, catalog_pb2.LocalizedText))
            for code, words in sorted(self.reasons.items())
        ]
        return pb.ListReasonsResponse(reasons=told)

    def WithdrawCase(  # noqa: N802
        self, request: pb.WithdrawCaseRequest, context: grpc.ServicerContext
    ) -> pb.WithdrawCaseResponse:
        """End a case at its citizen's wish."""
        case = handlers.withdraw(wish_from_proto(request), cases=self.cases, now=self.now)
        return pb.WithdrawCaseResponse(case=to_proto(case))

    def EraseCase(  # noqa: N802
        self, request: pb.EraseCaseRequest, context: grpc.ServicerContext
    ) -> pb.EraseCaseResponse:
        """Destroy the words of a case."""
        case = handlers.erase(
            request.case_id,
            expected_version=request.expected_version,
            request_id=request.request_id,
            cases=self.cases,
            history=self.history,
            vault=self.vault,
            now=self.now,
        )
        return pb.EraseCaseResponse(case=to_proto(case))

    def ListDecided(  # noqa: N802
        self, request: pb.ListDecidedRequest, context: grpc.ServicerContext
    ) -> pb.ListDecidedResponse:
        """List which versions of cases were decisions."""
        after = (request.after.case_id, request.after.case_version)
        found = handlers.decided(after, request.page_size, history=self.history)
        return pb.ListDecidedResponse(
            versions=(codec.to_proto(one, pb.DecidedVersion) for one in found)
        )

    def ListTriagedTopics(  # noqa: N802
        self, request: pb.ListTriagedTopicsRequest, context: grpc.ServicerContext
    ) -> pb.ListTriagedTopicsResponse:
        """Tell what cases that went to a person are about."""
        found = handlers.triaged_topics(
            current_principal(),
            request.start_date,
            request.end_date,
            codec.kebab(LANGUAGE, request.language) or "",
            least_people=self.topic_people,
            triaged=self.triaged,
            vault=self.vault,
            history=self.history,
            mask=self.mask,
            group=self.group,
            now=self.now,
        )
        return codec.to_proto(found, pb.ListTriagedTopicsResponse)

"""A small service that speaks all contracts the gateway calls, and remembers what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from qyzmet.audit.v1 import audit_pb2 as audit
from qyzmet.audit.v1 import audit_pb2_grpc
from qyzmet.cases.v1 import cases_pb2 as cases
from qyzmet.cases.v1 import cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2 as catalog
from qyzmet.catalog.v1 import catalog_pb2_grpc
from qyzmet.classifier.v1 import classifier_pb2 as classifier
from qyzmet.classifier.v1 import classifier_pb2_grpc
from qyzmet.delivery.v1 import delivery_pb2 as delivery
from qyzmet.delivery.v1 import delivery_pb2_grpc, subscriptions_pb2_grpc
from qyzmet.delivery.v1 import subscriptions_pb2 as subscriptions
from qyzmet.routing.v1 import routing_pb2 as routing
from qyzmet.routing.v1 import routing_pb2_grpc
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.auth import current_bearer
from services.chassis.config import Addresses
from services.chassis.telemetry import current_traceparent

CASE_ID = "019a1b2c-3d4e-7f50-8a61-b2c3d4e5f607"
CASE = cases.Case(
    id=CASE_ID,
    number="QZ-26-0000042-7",
    state=cases.STATE_CONFIRMATION_REQUESTED,
    version=2,
    submit_time=Timestamp(seconds=1_768_728_600),
    service_id="identity.passport",
    office="MIA",
    channel=catalog.CHANNEL_IN_PERSON,
    decision=cases.Decision(outcome=cases.OUTCOME_CONFIRM, probability=0.62),
)
SERVICE = catalog.Service(id="identity.passport", channel=catalog.CHANNEL_ONLINE, agency="MIA")
HOSTILE = catalog.Service(
    id="identity.hostile",
    title=catalog.LocalizedText(kk="<b>a", ru="<script>b", en="<script>alert(1)</script>"),
    agency="MIA",
)
DRAFT = catalog.Draft(
    version=4,
    base_version="b",
    editors=["aigul"],
    catalogue=catalog.Catalogue(
        services=[SERVICE, HOSTILE],
        agencies=[catalog.Agency(code="MIA", name=catalog.LocalizedText(en="Interior"))],
    ),
    differences=[
        catalog.ServiceDifference(before=SERVICE, after=HOSTILE),
        catalog.ServiceDifference(before=SERVICE, successor_id="identity.hostile"),
    ],
)


PROPOSAL = classifier.Proposal(
    id="3",
    kind=classifier.PROPOSAL_KIND_PROMOTION,
    model="a1" * 32,
    live="5f" * 32,
    state=classifier.PROPOSAL_STATE_OPEN,
    proposed=classifier.Act(subject="aigul", reason="It learned."),
)


SHADOWED = classifier.ShadowChange(
    model="a1" * 32, act=classifier.Act(subject="aigul", reason="It learned.")
)


def _in_all(words: str) -> catalog.LocalizedText:
    """Return words that show which language they are in."""
    return catalog.LocalizedText(kk=f"{words} kk", ru=f"{words} ru", en=f"{words} en")


HOSTILE = "<script>alert(1)</script>&\"'"

CATALOGUE = catalog.Catalogue(
    version="1",
    services=[
        catalog.Service(
            id="identity.passport",
            title=_in_all("Passport"),
            description=_in_all("To travel."),
            evidence=_in_all("photo; fee"),
            agency="MIA",
            channel=catalog.CHANNEL_ONLINE,
            term_days=3,
            online_address="https://egov.kz",
        ),
        catalog.Service(
            id="housing.queue",
            title=_in_all("Housing"),
            agency="AKIMAT",
            channel=catalog.CHANNEL_IN_PERSON,
        ),
        catalog.Service(id="bad", title=_in_all(HOSTILE)),
    ],
    life_events=[catalog.LifeEvent(slug="identity", name=_in_all("Identity"))],
    agencies=[
        catalog.Agency(code="MIA", name=_in_all("Ministry")),
        catalog.Agency(code="AKIMAT", name=_in_all("Akimat"), regional=True),
    ],
    regions=[catalog.Region(code="75", name=_in_all("Almaty"))],
)

ANSWERS: dict[type[Message], Message] = {
    cases.SubmitCaseRequest: cases.SubmitCaseResponse(case=CASE),
    cases.GetCaseRequest: cases.GetCaseResponse(case=CASE),
    cases.ListCasesRequest: cases.ListCasesResponse(cases=[CASE], next_page_token="next"),
    cases.GetCaseTextRequest: cases.GetCaseTextResponse(text="Паспорт"),
    cases.BatchGetMaskedTextRequest: cases.BatchGetMaskedTextResponse(
        texts=[cases.MaskedText(case_id=CASE_ID, text="ИИН [IIN]")]
    ),
    cases.OpenCaseRequest: cases.OpenCaseResponse(
        opening=cases.Opening(subject="officer-1", is_own=True)
    ),
    cases.ListReadingsRequest: cases.ListReadingsResponse(
        readings=[cases.Reading(case_id=CASE_ID, subject="officer-1", role="officer")]
    ),
    cases.ProvideInformationRequest: cases.ProvideInformationResponse(case=CASE),
    cases.ReopenCaseRequest: cases.ReopenCaseResponse(case=CASE),
    cases.ObjectToDecisionRequest: cases.ObjectToDecisionResponse(case=CASE),
    cases.RateCaseRequest: cases.RateCaseResponse(case=CASE),
    cases.SplitCaseRequest: cases.SplitCaseResponse(case=CASE, child=cases.Case(id="child")),
    cases.ListReasonsRequest: cases.ListReasonsResponse(
        reasons=[cases.Reason(code="HOP_CAP", text=catalog.LocalizedText(en="Twice returned."))]
    ),
    cases.WithdrawCaseRequest: cases.WithdrawCaseResponse(case=CASE),
    cases.EraseCaseRequest: cases.EraseCaseResponse(case=CASE),
    routing.SuggestRequest: routing.SuggestResponse(
        language=catalog.LANGUAGE_KK,
        outcome=cases.OUTCOME_OUT_OF_SCOPE,
        suggestions=[routing.SuggestedService(service_id="identity.passport", probability=0.5)],
    ),
    routing.ConfirmCaseRequest: routing.ConfirmCaseResponse(case=CASE),
    routing.AssignCaseRequest: routing.AssignCaseResponse(case=CASE),
    delivery.AcceptCaseRequest: delivery.AcceptCaseResponse(case=CASE),
    delivery.CompleteCaseRequest: delivery.CompleteCaseResponse(case=CASE),
    delivery.ReturnCaseRequest: delivery.ReturnCaseResponse(case=CASE),
    delivery.AskCitizenRequest: delivery.AskCitizenResponse(case=CASE),
    delivery.BatchGetAlarmsRequest: delivery.BatchGetAlarmsResponse(),
    delivery.ListAlarmCountsRequest: delivery.ListAlarmCountsResponse(
        counts=[delivery.AlarmCount(office="MIA", unacknowledged_count=2)]
    ),
    delivery.ListNoticesRequest: delivery.ListNoticesResponse(
        notices=[
            delivery.Notice(
                case_version=2,
                template="routed",
                languages=["kk", "ru"],
                channel=delivery.NOTICE_CHANNEL_EMAIL,
                state=delivery.NOTICE_STATE_SENT,
                code="SENT",
                attempts=1,
            )
        ]
    ),
    delivery.ListFeedEventsRequest: delivery.ListFeedEventsResponse(
        events=[delivery.FeedEvent(office="MIA", sequence=8)]
    ),
    **{
        getattr(subscriptions, f"{verb}Request"): getattr(subscriptions, f"{verb}Response")()
        for verb in (
            "CreateSubscription",
            "GetSubscription",
            "ListSubscriptions",
            "UpdateSubscription",
            "DeleteSubscription",
            "ActivateSubscription",
            "RotateSecret",
            "SeekSubscription",
            "ListAttempts",
            "ListDeadLetters",
            "SendAgain",
        )
    },
    catalog.GetCatalogueRequest: catalog.GetCatalogueResponse(catalogue=CATALOGUE),
    catalog.ListServicesRequest: catalog.ListServicesResponse(services=[SERVICE]),
    catalog.GetDraftRequest: catalog.GetDraftResponse(draft=DRAFT),
    catalog.ListChangesRequest: catalog.ListChangesResponse(
        changes=[catalog.Change(kind=catalog.CHANGE_KIND_PUBLISH, subject="aigul")]
    ),
    catalog.ChangeServiceRequest: catalog.ChangeServiceResponse(draft=DRAFT),
    catalog.MergeServicesRequest: catalog.MergeServicesResponse(draft=DRAFT),
    catalog.SplitServiceRequest: catalog.SplitServiceResponse(draft=DRAFT),
    catalog.DiscardDraftRequest: catalog.DiscardDraftResponse(draft=DRAFT),
    catalog.PublishDraftRequest: catalog.PublishDraftResponse(draft=DRAFT),
    catalog.GetServiceRequest: catalog.GetServiceResponse(service=SERVICE),
    audit.GetCoverageRequest: audit.GetCoverageResponse(online_service_share=0.92),
    audit.GetCoverageSeriesRequest: audit.GetCoverageSeriesResponse(
        points=[audit.CoveragePoint(day="2026-03-01", key="MIA", case_count=4)]
    ),
    audit.ListOfflineServicesRequest: audit.ListOfflineServicesResponse(
        services=[audit.OfflineService(rank=1, service_id="=1+1", case_count=7)]
    ),
    audit.GetCoverageForecastRequest: audit.GetCoverageForecastResponse(
        goal_date="2029-03-01",
        points=[audit.ForecastPoint(basis="demand", day="2026-03-01", share=0.9)],
    ),
    audit.GetQualityRequest: audit.GetQualityResponse(
        start_date="2026-03-01",
        end_date="2026-03-30",
        rows=[audit.QualityRow(key="kk", misrouted=audit.Share(count=1, of=8, is_small=True))],
    ),
    audit.GetTimesRequest: audit.GetTimesResponse(
        rows=[audit.TimesRow(key="MIA", first_answer=audit.Hours(case_count=4, mean=2.5))]
    ),
    audit.GetFairnessRequest: audit.GetFairnessResponse(
        rows=[audit.FairnessRow(key="kk", accuracy_gap=audit.Gap(value=-0.1, is_clear=True))]
    ),
    cases.ListTriagedTopicsRequest: cases.ListTriagedTopicsResponse(
        topics=[cases.TriagedTopic(words=["дрон", "полёт"], case_count=12)]
    ),
    audit.GetDriftRequest: audit.GetDriftResponse(
        rows=[audit.DriftRow(measure="length", stability_index=0.4, is_alarm=True)]
    ),
    classifier.GetModelsRequest: classifier.GetModelsResponse(
        live=classifier.ModelCard(model="5f" * 32, label_count=301)
    ),
    classifier.ProposeModelRequest: classifier.ProposeModelResponse(proposal=PROPOSAL),
    classifier.ApproveModelRequest: classifier.ApproveModelResponse(proposal=PROPOSAL),
    classifier.RefuseModelRequest: classifier.RefuseModelResponse(proposal=PROPOSAL),
    classifier.SetShadowRequest: classifier.SetShadowResponse(change=SHADOWED),
    audit.GetProgrammesRequest: audit.GetProgrammesResponse(
        rows=[audit.ProgrammeRow(audience="pupils", services=["ai.a", "ai.b"])]
    ),
    audit.GetCheckpointRequest: audit.GetCheckpointResponse(
        checkpoint=audit.Checkpoint(origin="qyzmet.test/log", size=7, note="note")
    ),
    audit.GetConsistencyProofRequest: audit.GetConsistencyProofResponse(second_size=7),
    audit.GetInclusionProofRequest: audit.GetInclusionProofResponse(
        proof=audit.InclusionProof(leaf_index=3, record="{}")
    ),
    audit.ReconcileRequest: audit.ReconcileResponse(checked_count=3, is_last=True),
    audit.GetCaseProofRequest: audit.GetCaseProofResponse(waiting_count=1),
    audit.ListDecisionsRequest: audit.ListDecisionsResponse(
        decisions=[audit.DecisionRecord(case_id=CASE_ID, case_version=2)]
    ),
    audit.FindDecisionsRequest: audit.FindDecisionsResponse(
        start_date="2026-01-01",
        end_date="2026-01-31",
        decisions=[audit.FoundDecision(decision_id=f"{CASE_ID}:2", case_id=CASE_ID)],
        next_page_token="17.2.c",
    ),
}

REGISTER = {
    "qyzmet.cases.v1.CasesService": cases_pb2_grpc.add_CasesServiceServicer_to_server,
    "qyzmet.classifier.v1.ClassifierService": (
        classifier_pb2_grpc.add_ClassifierServiceServicer_to_server
    ),
    "qyzmet.routing.v1.RoutingService": routing_pb2_grpc.add_RoutingServiceServicer_to_server,
    "qyzmet.delivery.v1.DeliveryService": delivery_pb2_grpc.add_DeliveryServiceServicer_to_server,
    "qyzmet.delivery.v1.SubscriptionService": (
        subscriptions_pb2_grpc.add_SubscriptionServiceServicer_to_server
    ),
    "qyzmet.catalog.v1.CatalogService": catalog_pb2_grpc.add_CatalogServiceServicer_to_server,
    "qyzmet.audit.v1.AuditService": audit_pb2_grpc.add_AuditServiceServicer_to_server,
}


class Peer:
    """Answers every method with the answer of its request, or with the error it was given."""

    def __init__(self) -> None:
        self.fail: Exception | None = None
        self.wait_for = lambda: None
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.fail = None
        self.wait_for = lambda: None
        self.answers: dict[type[Message], Message] = {}
        self.refuse: dict[type[Message], Exception] = {}
        self.asked: list[Message] = []
        self.bearer = self.traceparent = ""

    def __getattr__(self, name: str) -> object:
        """Give the method of any of the services."""
        if name[0].isupper():
            return self.answer
        raise AttributeError(name)

    def answer(self, request: Message, _context: object) -> Message:
        """Remember who asked what, and answer."""
        self.asked.append(request)
        self.bearer, self.traceparent = current_bearer(), current_traceparent()
        self.wait_for()
        if error := self.refuse.get(type(request), self.fail):
            raise error
        return self.answers.get(type(request)) or ANSWERS[type(request)]

    def asked_for(self, kind: type[Message]) -> list[Any]:
        """Return the requests of a kind, in the order they came."""
        return [request for request in self.asked if isinstance(request, kind)]

    def register(self, server: object) -> None:
        """Take all services of a server upon itself."""
        for add in REGISTER.values():
            add(self, server)


@contextmanager
def on_stage(platform: Platform, peer: Peer) -> Iterator[Peer]:
    """Run a peer in the place of every service."""
    server = testing.peer(platform, peer.register, *REGISTER, threads=4)
    addresses = dict.fromkeys(Addresses.model_fields, server.address)
    with testing.running(platform, Application("peer", [server], addresses)):
        yield peer

"""The gRPC door: suggestions, and people's choices."""

from dataclasses import dataclass, replace

import grpc

from qyzmet.cases.v1 import cases_pb2
from qyzmet.classifier.v1 import classifier_pb2
from qyzmet.routing.v1 import routing_pb2 as pb
from qyzmet.routing.v1 import routing_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.auth import current_principal
from services.chassis.masking import mask
from services.routing import handlers
from services.routing.domain import Choice, Policy
from services.routing.handlers import Suggested, Suggestion
from services.routing.ports import Classify, CurrentCatalogue, OneCase

SERVICE = pb.DESCRIPTOR.services_by_name["RoutingService"].full_name


@dataclass(frozen=True, slots=True)
class RoutingServicer(pb_grpc.RoutingServiceServicer):
    """Answers the calls of RoutingService."""

    cases: OneCase
    classify: Classify
    catalogue: CurrentCatalogue
    policy: Policy
    explain: Classify
    """Classifies, and tells why, which takes longer."""

    def Suggest(  # noqa: N802
        self, request: pb.SuggestRequest, context: grpc.ServicerContext
    ) -> pb.SuggestResponse:
        """Tell what would be decided about a text."""
        classify = self.explain if request.explain else self.classify
        suggestion = handlers.suggest(
            request.text,
            # As with a case: the classifier gets the words without personal data.
            classify=lambda texts: classify([mask(text) for text in texts]),
            catalogue=self.catalogue(),
            policy=self.policy,
        )
        return to_proto(suggestion)

    def ConfirmCase(  # noqa: N802
        self, request: pb.ConfirmCaseRequest, context: grpc.ServicerContext
    ) -> pb.ConfirmCaseResponse:
        """Take a citizen's choice."""
        case = handlers.confirm(
            _choice(request),
            cases=self.cases,
            catalogue=self.catalogue(),
            policy=self.policy,
        )
        return pb.ConfirmCaseResponse(case=codec.to_proto(case, cases_pb2.Case))

    def AssignCase(  # noqa: N802
        self, request: pb.AssignCaseRequest, context: grpc.ServicerContext
    ) -> pb.AssignCaseResponse:
        """Take a triage officer's choice."""
        case = handlers.assign(
            _choice(request),
            cases=self.cases,
            catalogue=self.catalogue(),
            policy=self.policy,
        )
        return pb.AssignCaseResponse(case=codec.to_proto(case, cases_pb2.Case))


def _choice(request: pb.ConfirmCaseRequest | pb.AssignCaseRequest) -> Choice:
    return replace(codec.to_domain(request, Choice), subject=current_principal().subject)


def to_proto(suggestion: Suggestion) -> pb.SuggestResponse:
    """Return a suggestion as it travels; the gateway and the command line show the same."""
    response = codec.to_proto(suggestion.decision, pb.SuggestResponse)
    response.suggestions.extend(_service_to_proto(one) for one in suggestion.services)
    if suggestion.emergency is not None:
        response.emergency.CopyFrom(codec.to_proto(suggestion.emergency, classifier_pb2.Emergency))
    return response


def _service_to_proto(suggested: Suggested) -> pb.SuggestedService:
    message = codec.to_proto(suggested.service, pb.SuggestedService)
    message.service_id = suggested.service.id
    message.probability = suggested.probability
    message.region_required = suggested.service.regional
    return message

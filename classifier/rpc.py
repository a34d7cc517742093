"""The gRPC door: protobuf in, coalesced computation inside, protobuf out."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from classifier.coalescer import Coalescer
from classifier.domain import Asked, Classification, Grounds, check_texts
from classifier.handlers import Models
from classifier.lifecycle import Lifecycle, Wish
from classifier.proposals import Kind
from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.auth import current_principal
from services.chassis.errors import InvalidError

KINDS = pb.DESCRIPTOR.enum_types_by_name["ProposalKind"]


class ClassifierServicer(pb_grpc.ClassifierServiceServicer):
    """Answers the classifier's calls on an event loop."""

    def __init__(
        self,
        coalescer: Coalescer,
        models: Models,
        catalogue_version: Callable[[], str],
        overview: Callable[[], pb.GetModelsResponse],
        lifecycle: Lifecycle,
        *,
        longest_seconds: float,
    ) -> None:
        self._coalescer = coalescer
        self._models = models
        self._catalogue_version = catalogue_version
        self._overview = overview
        self._lifecycle = lifecycle
        self._longest_seconds = longest_seconds

    async def Classify(  # noqa: N802
        self, request: pb.ClassifyRequest, context: Any
    ) -> pb.ClassifyResponse:
        """Classify one text."""
        (told,) = await self._classify([request.text], request, context)
        return pb.ClassifyResponse(classification=to_proto(told))

    async def BatchClassify(  # noqa: N802
        self, request: pb.BatchClassifyRequest, context: Any
    ) -> pb.BatchClassifyResponse:
        """Classify many texts at once."""
        told = await self._classify(list(request.texts), request, context)
        return pb.BatchClassifyResponse(classifications=map(to_proto, told))

    async def GetModel(  # noqa: N802
        self, request: pb.GetModelRequest, context: Any
    ) -> pb.GetModelResponse:
        """Tell which model answers."""
        stored = self._models.current()
        return pb.GetModelResponse(
            model=stored.id,
            catalogue_version=self._catalogue_version(),
            label_count=len(stored.model.labels),
        )

    async def GetModels(  # noqa: N802
        self, request: pb.GetModelsRequest, context: Any
    ) -> pb.GetModelsResponse:
        """Describe the models in use; a thread reads the files, for they may be large."""
        return await asyncio.to_thread(self._overview)

    async def ProposeModel(  # noqa: N802
        self, request: pb.ProposeModelRequest, context: Any
    ) -> pb.ProposeModelResponse:
        """Propose that another model goes live."""
        kind = codec.kebab(KINDS, request.kind)
        if kind is None:
            raise InvalidError("a promotion or a rollback is proposed", field="kind")
        made = await asyncio.to_thread(
            self._lifecycle.propose, Kind(kind), request.model, _wish(request)
        )
        return pb.ProposeModelResponse(proposal=codec.to_proto(made, pb.Proposal))

    async def ApproveModel(  # noqa: N802
        self, request: pb.ApproveModelRequest, context: Any
    ) -> pb.ApproveModelResponse:
        """Let a proposed model go live."""
        made = await asyncio.to_thread(self._lifecycle.approve, request.proposal_id, _wish(request))
        return pb.ApproveModelResponse(proposal=codec.to_proto(made, pb.Proposal))

    async def RefuseModel(  # noqa: N802
        self, request: pb.RefuseModelRequest, context: Any
    ) -> pb.RefuseModelResponse:
        """Refuse a proposed model."""
        made = await asyncio.to_thread(self._lifecycle.refuse, request.proposal_id, _wish(request))
        return pb.RefuseModelResponse(proposal=codec.to_proto(made, pb.Proposal))

    async def SetShadow(  # noqa: N802
        self, request: pb.SetShadowRequest, context: Any
    ) -> pb.SetShadowResponse:
        """Let a stored model look on, or none any more."""
        made = await asyncio.to_thread(self._lifecycle.set_shadow, request.model, _wish(request))
        return pb.SetShadowResponse(change=codec.to_proto(made, pb.ShadowChange))

    async def _classify(
        self,
        texts: Sequence[str],
        request: pb.ClassifyRequest | pb.BatchClassifyRequest,
        context: Any,
    ) -> list[Classification]:
        check_texts(texts)
        self._models.current()  # without a model nobody waits in line to be told so
        if not texts:
            return []
        left = context.time_remaining()
        seconds = self._longest_seconds if left is None else min(left, self._longest_seconds)
        asked = [Asked(text, request.explain, not request.without_emergency) for text in texts]
        return await self._coalescer.classify(asked, seconds=seconds)


def _wish(
    request: pb.ProposeModelRequest
    | pb.ApproveModelRequest
    | pb.RefuseModelRequest
    | pb.SetShadowRequest,
) -> Wish:
    """Return what somebody wants, in the caller's name."""
    return Wish(
        by=current_principal().subject,
        reason=request.reason,
        expected_version=request.expected_version,
        request_id=request.request_id,
    )


def to_proto(told: Classification) -> pb.Classification:
    """Return a classification as it goes over the wire."""
    emergency = codec.to_proto(told.emergency, pb.Emergency) if told.emergency else None
    return pb.Classification(
        language=catalog_pb2.Language.Value(f"LANGUAGE_{told.language.name}"),
        suggestions=[
            pb.Suggestion(service_id=one.service_id, probability=one.probability)
            for one in told.suggestions
        ],
        out_of_scope_probability=told.out_of_scope,
        model=told.model,
        route_threshold=told.thresholds.route,
        confirm_threshold=told.thresholds.confirm,
        emergency=emergency,
        explanation=_grounds_to_proto(told.grounds) if told.grounds else None,
        text_length=told.text_length,
        unknown_share=told.unknown_share,
    )


def _grounds_to_proto(told: Grounds) -> pb.Explanation:
    return pb.Explanation(
        service_id=told.service_id,
        against=told.against,
        words=[
            pb.ExplainedWord(start=one.start, end=one.end, weight=one.weight) for one in told.words
        ],
    )

"""The classifier over gRPC."""

from collections.abc import Sequence
from dataclasses import dataclass

from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.client import Caller
from services.chassis.errors import InternalError
from services.routing.clients.cases import TEXTS_PER_CALL, pages
from services.routing.domain import Classification

MAX_CHARACTERS = 4000
"""The classifier reads no further; marks for personal data may make a text longer than it was."""


@dataclass(frozen=True, slots=True)
class ClassifierClient:
    """Asks about one text so that calls share a computation, about many in one call."""

    stub: pb_grpc.ClassifierServiceStub
    caller: Caller
    explain: bool = False
    """Whether to ask why, too; it takes the classifier half as long again."""
    alert: bool = True
    """Whether to ask for emergencies, too: somebody waits for the answer."""

    def __call__(self, texts: Sequence[str]) -> Sequence[Classification]:
        """Say of each text which services it may speak of."""
        cut = [text[:MAX_CHARACTERS] for text in texts]
        if len(cut) == 1:
            answer = self.caller.call(self.stub.Classify, self._one(cut[0]))
            return [codec.to_domain(answer.classification, Classification)]
        return [one for page in pages(cut, TEXTS_PER_CALL) for one in self._batch(page)]

    def _one(self, text: str) -> pb.ClassifyRequest:
        return pb.ClassifyRequest(text=text, explain=self.explain, without_emergency=not self.alert)

    def _batch(self, texts: Sequence[str]) -> Sequence[Classification]:
        request = pb.BatchClassifyRequest(
            texts=texts, explain=self.explain, without_emergency=not self.alert
        )
        found = self.caller.call(self.stub.BatchClassify, request).classifications
        if len(found) != len(texts):
            raise InternalError(f"{len(found)} answers about {len(texts)} texts")
        return [codec.to_domain(one, Classification) for one in found]

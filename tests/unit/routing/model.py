"""A classifier whose answer stands in the text, such as `identity.passport=0.95 lang=kk`."""

from typing import Any

from qyzmet.catalog.v1 import catalog_pb2
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.errors import InternalError, UnavailableError

LANGUAGES = catalog_pb2.Language.items()
MODEL = "f" * 64
ROUTE, CONFIRM = 0.8, 0.3
FIRE = pb.Emergency(code="FIRE", number="101", message="Call 101.")


class Model(pb_grpc.ClassifierServiceServicer):
    """Answers by the text, unless it is told to be away; remembers what it read."""

    def __init__(self) -> None:
        self.is_away = False
        self.read: list[str] = []
        self.calls = 0
        self.explained = False
        self.alerted = False

    def Classify(self, request: pb.ClassifyRequest, context: Any) -> pb.ClassifyResponse:
        self.explained = request.explain
        (answer,) = self._answers([request.text], request.without_emergency)
        return pb.ClassifyResponse(classification=answer)

    def BatchClassify(
        self, request: pb.BatchClassifyRequest, context: Any
    ) -> pb.BatchClassifyResponse:
        answers = self._answers(request.texts, request.without_emergency)
        return pb.BatchClassifyResponse(classifications=answers)

    def _answers(self, texts: Any, without_emergency: bool) -> list[pb.Classification]:
        self.calls += 1
        self.alerted = not without_emergency
        if self.is_away:
            raise UnavailableError
        self.read.extend(texts)
        answers = [classification(text) for text in texts]
        if without_emergency:
            for answer in answers:
                answer.ClearField("emergency")
        return answers


def classification(text: str) -> pb.Classification:
    """Read the answer in a text."""
    if "choke" in text:
        raise InternalError
    said = dict(word.split("=") for word in text.split() if "=" in word)
    language = "LANGUAGE_" + said.pop("lang", "ru").upper()
    out_of_scope = float(said.pop("oos", "0"))
    ranked = sorted(said.items(), key=lambda one: -float(one[1]))
    return pb.Classification(
        language=dict(LANGUAGES)[language],
        suggestions=[pb.Suggestion(service_id=id_, probability=float(p)) for id_, p in ranked],
        out_of_scope_probability=out_of_scope,
        model=MODEL,
        route_threshold=ROUTE,
        confirm_threshold=CONFIRM,
        emergency=FIRE if "fire!" in text else None,
        text_length=len(text),
        unknown_share=0.25,
        explanation=pb.Explanation(
            service_id=ranked[0][0], against="", words=[pb.ExplainedWord(end=3, weight=0.5)]
        )
        if ranked
        else None,
    )


def build(platform: Platform, model: Model) -> Application:
    """Give the model a door."""
    server = testing.peer(
        platform,
        lambda server: pb_grpc.add_ClassifierServiceServicer_to_server(model, server),
        "qyzmet.classifier.v1.ClassifierService",
        address=platform.addresses["classifier"],
        threads=4,
    )
    return Application("classifier", [server], {"classifier": server.address})

"""Classify, one text a call: the product beside an echo behind the same door, and a naive server.

Rounds are interleaved on one machine, so that the ratios hold where the rates do not.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

from benchmarks import load, servers, texts
from benchmarks.beside import beside, serve_until_told
from benchmarks.naive import FirstVersion
from classifier import app, handlers
from classifier.domain import OUT_OF_SCOPE
from classifier.rpc import to_proto
from deploy.cli.terminal import progress
from qyzmet.classifier.v1 import classifier_pb2 as pb
from qyzmet.classifier.v1 import classifier_pb2_grpc as pb_grpc
from services.chassis import testing
from services.chassis.auth import Issuer
from services.chassis.client import open_async_channel
from services.chassis.masking import mask
from services.chassis.principal import Principal, Role
from services.chassis.server import AsyncRpcServer

KINDS = ("product", "echo", "naive")
CALLERS = 64
NAIVE_THREADS = 10
TEXTS = 2000
WARM_SECONDS = 2.0
CALL_SECONDS = 20
SERVICE = Principal("service:routing", Role.SERVICE)


class Echo(pb_grpc.ClassifierServiceServicer):
    """Answers every call with the same answer."""

    def __init__(self, answer: pb.ClassifyResponse) -> None:
        self._answer = answer

    async def Classify(self, request: pb.ClassifyRequest, context: Any) -> pb.ClassifyResponse:  # noqa: N802
        """Give the answer."""
        return self._answer


class Naive(pb_grpc.ClassifierServiceServicer):
    """Predicts one text at a time, as a first version would."""

    def __init__(self, model: FirstVersion) -> None:
        self._model = model

    def Classify(self, request: pb.ClassifyRequest, context: Any) -> pb.ClassifyResponse:  # noqa: N802
        """Predict."""
        best = pb.Suggestion(service_id=self._model.label(request.text))
        told = pb.Classification(suggestions=[best])
        return pb.ClassifyResponse(classification=told)


def measure(*, seconds: float, rounds: int) -> dict[str, Any]:
    """Return the rates of every round, and the product's part of the others'."""
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    sentences = texts.sentences(seed=0)
    words = [next(sentences) for _ in range(TEXTS)]
    with tempfile.TemporaryDirectory() as name, progress("rounds") as advance:
        token = Issuer.at(Path(name) / "secrets").issue(SERVICE, seconds=3600)
        for turn in range(rounds):
            for kind in KINDS:
                arguments = (kind, name, str(servers.model()))
                with beside("benchmarks.classify", *arguments) as address:
                    load.run(_rate(address, token, words, WARM_SECONDS))
                    rate = load.run(_rate(address, token, words, seconds))
                rates[kind].append(round(rate))
                advance(f"round {turn + 1}: {kind}", sum(map(len, rates.values())), rounds * 3)
    middle = {kind: statistics.median(found) for kind, found in rates.items()}
    return {
        "answers_per_second": rates,
        "of_echo": round(middle["product"] / middle["echo"], 3),
        "times_naive": round(middle["product"] / middle["naive"], 2),
    }


async def _rate(address: str, token: str, words: list[str], seconds: float) -> float:
    """Call as fast as answers come; return the answers a second."""
    metadata = (("authorization", f"Bearer {token}"),)
    async with open_async_channel(address) as channel:
        stub = pb_grpc.ClassifierServiceStub(channel)
        end = time.monotonic() + seconds

        async def caller(first: int) -> int:
            done = 0
            while time.monotonic() < end:
                request = pb.ClassifyRequest(text=words[(first + done * CALLERS) % len(words)])
                await stub.Classify(request, metadata=metadata, timeout=CALL_SECONDS)
                done += 1
            return done

        begin = time.monotonic()
        answered = sum(await asyncio.gather(*(caller(first) for first in range(CALLERS))))
        return answered / (time.monotonic() - begin)


def serve(kind: str, folder: Path, model: Path) -> None:
    """Serve one kind until whoever started us lets go, after telling where."""
    if kind == "naive":
        server = grpc.server(futures.ThreadPoolExecutor(NAIVE_THREADS))
        pb_grpc.add_ClassifierServiceServicer_to_server(
            Naive(FirstVersion(model)),  # type: ignore[abstract]  # one call will do
            server,
        )
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        serve_until_told(address)
        return
    with testing.platform_in(folder, model=model) as platform:
        if kind == "product":
            known = set(json.loads((model / "labels.json").read_text())) - {OUT_OF_SCOPE}
            built = app.build(platform, known)
            built.start()
            serve_until_told(built.addresses["classifier"])
        else:
            door = _echo(platform, model)
            door.start()
            serve_until_told(door.address)


def _echo(platform: Any, model: Path) -> AsyncRpcServer:
    told = handlers.classify(["нужен паспорт"], models=texts.live_models(model), mask=mask)[0]
    answer = pb.ClassifyResponse(classification=to_proto(told))
    return AsyncRpcServer(
        lambda server: pb_grpc.add_ClassifierServiceServicer_to_server(
            Echo(answer),  # type: ignore[abstract]  # one call will do
            server,
        ),
        address="127.0.0.1:0",
        services=[app.SERVICE],
        guard=platform.guard,
        show_reflection=False,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    serve(**vars(parser.parse_args()))

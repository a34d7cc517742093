"""The wiring of routing: the only file that knows every class."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta

from qyzmet.cases.v1 import cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2_grpc
from qyzmet.classifier.v1 import classifier_pb2_grpc
from qyzmet.routing.v1 import routing_pb2_grpc as pb_grpc
from services.chassis.application import Application, Platform, stopping
from services.chassis.bus.loop import TRANSIENT, ConsumerLoop
from services.chassis.bus.parking import ParkingLot
from services.chassis.client import Caller, open_channel
from services.chassis.errors import ForbiddenError, UnauthenticatedError
from services.chassis.server import RpcServer
from services.routing import events, handlers, rpc
from services.routing.clients.cases import CasesClient
from services.routing.clients.catalogue import CatalogueCopy
from services.routing.clients.classifier import ClassifierClient
from services.routing.domain import Policy
from services.routing.handlers import Asked, Rules
from services.routing.store import bundled_policy, keep_policy

WAITED_OUT = (*TRANSIENT, UnauthenticatedError, ForbiddenError)
"""A key or a policy row that is wrong today must not park the cases of the day."""


def build(platform: Platform) -> Application:
    """Build routing on a platform."""
    settings = platform.settings
    policy = keep_policy(settings.policy or bundled_policy(), settings.policies_dir)
    caller = Caller(platform.tokens("routing").bearer, settings.rpc_deadline_seconds)
    with ExitStack() as opened:
        to_catalog, to_cases, to_classifier = (
            opened.enter_context(
                closing(open_channel(platform.addresses[name], platform.secured("routing", name)))
            )
            for name in ("catalog", "cases", "classifier")
        )
        stub = catalog_pb2_grpc.CatalogServiceStub(to_catalog)
        catalogue = CatalogueCopy(stub, caller, policy.check)
        cases = CasesClient(cases_pb2_grpc.CasesServiceStub(to_cases), caller)
        classify = ClassifierClient(
            classifier_pb2_grpc.ClassifierServiceStub(to_classifier), caller
        )
        # Who asks for suggestions while typing need not know why; a decision keeps its grounds.
        explain = replace(classify, explain=True)
        loop = opened.enter_context(stopping(_loop(platform, cases, explain, catalogue, policy)))
        door = _door(platform, rpc.RoutingServicer(cases, classify, catalogue, policy, explain))
        return Application(
            "routing",
            [catalogue, door, loop],
            {"routing": door.address},
            opened.pop_all().close,
        )


def _door(platform: Platform, servicer: rpc.RoutingServicer) -> RpcServer:
    settings = platform.settings
    return RpcServer(
        lambda server: pb_grpc.add_RoutingServiceServicer_to_server(servicer, server),
        address=platform.addresses["routing"],
        services=[rpc.SERVICE],
        guard=platform.guard,
        threads=settings.rpc_threads,
        show_reflection=not settings.is_production,
    )


def _loop(
    platform: Platform,
    cases: CasesClient,
    classify: ClassifierClient,
    catalogue: CatalogueCopy,
    policy: Policy,
) -> ConsumerLoop:
    settings, bus = platform.settings, platform.bus
    patience = timedelta(seconds=settings.model_wait_seconds)
    # Whoever is in danger was told when the case came in, and is only kept out of the sample.
    quick, alert = replace(classify, alert=False), replace(classify, alert=True)

    def route(asked: Sequence[Asked]) -> None:
        rules = Rules(quick, alert, catalogue(), policy, patience)
        handlers.route(asked, rules=rules, cases=cases, now=platform.clock)

    bus.ensure_topics([events.TOPIC])
    return ConsumerLoop(
        bus.consumer(events.GROUP, [events.TOPIC.name], member=settings.member),
        ParkingLot(bus, events.GROUP, [events.TOPIC.name]),
        events.CaseEvents(route),
        name=events.GROUP,
        batch_size=settings.batch_size,
        transient=WAITED_OUT,
    )

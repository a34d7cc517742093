"""The services behind the gateway, called in the name of whoever calls us."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from qyzmet.audit.v1 import audit_pb2_grpc
from qyzmet.cases.v1 import cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2_grpc
from qyzmet.classifier.v1 import classifier_pb2_grpc
from qyzmet.delivery.v1 import delivery_pb2_grpc, subscriptions_pb2_grpc
from qyzmet.routing.v1 import routing_pb2_grpc
from services.chassis.client import AsyncCaller, open_async_channel
from services.chassis.tls import Secured

HEALTH_SECONDS = 2.0


class Clients:
    """A channel to every service; made and used on one event loop."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        deadline: float,
        secured: Callable[[str], Secured | None] = lambda door: None,
    ) -> None:
        self._channels = {
            name: open_async_channel(at, secured(name)) for name, at in addresses.items()
        }
        self.caller = AsyncCaller(deadline)
        self.cases = cases_pb2_grpc.CasesServiceStub(self._channels["cases"])
        self.routing = routing_pb2_grpc.RoutingServiceStub(self._channels["routing"])
        self.catalog = catalog_pb2_grpc.CatalogServiceStub(self._channels["catalog"])
        self.classifier = classifier_pb2_grpc.ClassifierServiceStub(self._channels["classifier"])
        self.delivery = delivery_pb2_grpc.DeliveryServiceStub(self._channels["delivery"])
        self.subscriptions = subscriptions_pb2_grpc.SubscriptionServiceStub(
            self._channels["delivery"]
        )
        self.audit = audit_pb2_grpc.AuditServiceStub(self._channels["audit"])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(channel.close(None) for channel in self._channels.values()))

    async def health(self) -> dict[str, bool]:
        """Tell of every service whether it serves."""
        found = await asyncio.gather(*(_serves(channel) for channel in self._channels.values()))
        return dict(zip(self._channels, found, strict=True))


async def _serves(channel: Any) -> bool:
    check = health_pb2_grpc.HealthStub(channel).Check
    try:
        answer = await check(health_pb2.HealthCheckRequest(), timeout=HEALTH_SECONDS)
    except grpc.RpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

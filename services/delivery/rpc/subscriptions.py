"""The door of subscriptions, on threads: protobuf in, domain inside, protobuf out."""

from dataclasses import dataclass

import grpc

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from qyzmet.delivery.v1 import subscriptions_pb2_grpc as pb_grpc
from services.chassis import codec
from services.chassis.auth import current_principal
from services.chassis.errors import InvalidError
from services.delivery.domain.subscriptions import Filter, Kind, Subscription
from services.delivery.handlers import subscriptions as verbs
from services.delivery.handlers import webhooks
from services.delivery.handlers.subscriptions import Desk
from services.delivery.handlers.webhooks import Post

SERVICE = "qyzmet.delivery.v1.SubscriptionService"
KIND = pb.SubscriptionKind.DESCRIPTOR


@dataclass(frozen=True, slots=True)
class SubscriptionServicer(pb_grpc.SubscriptionServiceServicer):
    """Answers qyzmet.delivery.v1.SubscriptionService."""

    desk: Desk
    post: Post

    def CreateSubscription(  # noqa: N802
        self, request: pb.CreateSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.CreateSubscriptionResponse:
        """Make a subscription."""
        kind = codec.kebab(KIND, request.kind)
        if kind is None:
            raise InvalidError("say how events are delivered", field="kind")
        wanted = verbs.Wanted(
            office=request.office,
            name=request.name,
            kind=Kind(kind),
            filter=filter_of(request.filter),
            url=request.url,
            after=request.after_sequence,
        )
        made, secret = verbs.create(current_principal(), wanted, desk=self.desk)
        return pb.CreateSubscriptionResponse(subscription=to_proto(made), secret=secret)

    def GetSubscription(  # noqa: N802
        self, request: pb.GetSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.GetSubscriptionResponse:
        """Return one subscription."""
        found = verbs.find(current_principal(), request.office, request.name, desk=self.desk)
        return pb.GetSubscriptionResponse(subscription=to_proto(found))

    def ListSubscriptions(  # noqa: N802
        self, request: pb.ListSubscriptionsRequest, context: grpc.ServicerContext
    ) -> pb.ListSubscriptionsResponse:
        """Return all subscriptions of an office."""
        found = verbs.of_office(current_principal(), request.office, desk=self.desk)
        return pb.ListSubscriptionsResponse(subscriptions=map(to_proto, found))

    def UpdateSubscription(  # noqa: N802
        self, request: pb.UpdateSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.UpdateSubscriptionResponse:
        """Replace filter and address."""
        kept = verbs.update(
            current_principal(),
            request.office,
            request.name,
            filter_of(request.filter),
            request.url,
            desk=self.desk,
        )
        return pb.UpdateSubscriptionResponse(subscription=to_proto(kept))

    def DeleteSubscription(  # noqa: N802
        self, request: pb.DeleteSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.DeleteSubscriptionResponse:
        """End a subscription."""
        verbs.remove(current_principal(), request.office, request.name, desk=self.desk)
        return pb.DeleteSubscriptionResponse()

    def SeekSubscription(  # noqa: N802
        self, request: pb.SeekSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.SeekSubscriptionResponse:
        """Move a subscription to another place of its feed."""
        by_time = request.HasField("from_time")
        if by_time and request.after_sequence:
            raise InvalidError("give either after_sequence or from_time", field="from_time")
        moved = verbs.seek(
            current_principal(),
            request.office,
            request.name,
            codec.from_timestamp(request.from_time) if by_time else request.after_sequence,
            desk=self.desk,
        )
        return pb.SeekSubscriptionResponse(subscription=to_proto(moved))

    def ActivateSubscription(  # noqa: N802
        self, request: pb.ActivateSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.ActivateSubscriptionResponse:
        """Validate a webhook and begin to deliver."""
        found = webhooks.activate(
            current_principal(), request.office, request.name, desk=self.desk, post=self.post
        )
        return pb.ActivateSubscriptionResponse(subscription=to_proto(found))

    def RotateSecret(  # noqa: N802
        self, request: pb.RotateSecretRequest, context: grpc.ServicerContext
    ) -> pb.RotateSecretResponse:
        """Make a new secret."""
        found, secret = webhooks.rotate(
            current_principal(), request.office, request.name, desk=self.desk, post=self.post
        )
        return pb.RotateSecretResponse(subscription=to_proto(found), secret=secret)

    def ListAttempts(  # noqa: N802
        self, request: pb.ListAttemptsRequest, context: grpc.ServicerContext
    ) -> pb.ListAttemptsResponse:
        """Return a page of attempts."""
        page = webhooks.attempts(
            current_principal(),
            request.office,
            request.name,
            webhooks.Page(request.before_id, request.page_size),
            desk=self.desk,
            post=self.post,
        )
        found = (codec.to_proto(one, pb.Attempt) for one in page)
        return pb.ListAttemptsResponse(attempts=found)

    def ListDeadLetters(  # noqa: N802
        self, request: pb.ListDeadLettersRequest, context: grpc.ServicerContext
    ) -> pb.ListDeadLettersResponse:
        """Return a page of dead letters."""
        page = webhooks.dead_letters(
            current_principal(),
            request.office,
            request.name,
            webhooks.Page(request.after_sequence, request.page_size),
            desk=self.desk,
            post=self.post,
        )
        found = (codec.to_proto(one, pb.DeadLetter) for one in page)
        return pb.ListDeadLettersResponse(dead_letters=found)

    def SendAgain(  # noqa: N802
        self, request: pb.SendAgainRequest, context: grpc.ServicerContext
    ) -> pb.SendAgainResponse:
        """Have dead letters delivered again."""
        count = webhooks.send_again(
            current_principal(),
            request.office,
            request.name,
            request.sequences,
            desk=self.desk,
            post=self.post,
        )
        return pb.SendAgainResponse(count=count)


def filter_of(message: pb.Filter) -> Filter:
    """Return the filter a caller asks for, each name once."""
    return Filter(
        tuple(dict.fromkeys(message.types)),
        tuple(dict.fromkeys(message.service_ids)),
        tuple(dict.fromkeys(message.regions)),
    )


def to_proto(subscription: Subscription) -> pb.Subscription:
    """Return a subscription as its message; its secret is not in it."""
    return codec.to_proto(subscription, pb.Subscription)

"""The verbs without a server, as the command line uses them."""

from services.routing import handlers
from services.routing.clients.catalogue import from_proto
from services.routing.domain import Alternative, Classification, Outcome
from services.routing.rpc import to_proto
from services.routing.store import bundled_policy, read_policy
from tests.unit.routing.test_clients import catalogue


def test_a_suggestion_needs_no_server() -> None:
    """A model, a register and a policy are enough to tell what would be decided."""
    said = Classification(
        suggestions=(Alternative("housing.queue", 0.9),), route_threshold=0.8, model="m1"
    )

    suggestion = handlers.suggest(
        "пәтер кезегі",
        classify=lambda texts: [said for _ in texts],
        catalogue=from_proto(catalogue("c1")),
        policy=read_policy(bundled_policy()),
    )

    assert suggestion.decision.outcome is Outcome.CONFIRM
    assert to_proto(suggestion).suggestions[0].title.kk == "Тұрғын үй кезегі"

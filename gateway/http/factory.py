"""The app: routes, refusals and bounds put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI, routing
from starlette.middleware import Middleware

from gateway.clients import Clients
from gateway.http import (
    analysts,
    audit,
    cases,
    catalogue,
    docs,
    health,
    models,
    offices,
    openapi,
    problems,
    services,
    subscriptions,
)
from gateway.http import routing as choices
from gateway.http.limits import Bodies, ConcurrentRequests, Limits
from gateway.http.rates import CallerRates
from gateway.http.trace import Traced
from services.chassis.auth import Guard
from services.chassis.config import Rates

ROUTERS = (
    choices.router,
    cases.router,
    offices.router,
    subscriptions.router,
    services.router,
    analysts.router,
    models.router,
    catalogue.router,
    audit.router,
    health.router,
)


def create_app(
    open_clients: Callable[[], Clients],
    guard: Guard,
    limits: Limits,
    rates: CallerRates | None = None,
    installed: Sequence[Callable[[FastAPI], None]] = (),
) -> FastAPI:
    """Build the app; the clients are opened on the event loop that serves it.

    What is installed adds its own routes, in the same bounds.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_clients() as clients:
            app.state.clients = clients
            yield

    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
        middleware=[
            Middleware(Traced),
            Middleware(ConcurrentRequests, limits=limits),
            Middleware(Bodies, limits=limits),
        ],
    )
    app.state.guard = guard
    app.state.rates = rates or CallerRates(Rates(), is_production=False)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    docs.install(app, openapi.document(app))
    for install in installed:
        install(app)
    app.state.routes = list(routing.iter_route_contexts(app.routes))
    return app

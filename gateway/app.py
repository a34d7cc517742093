"""The gateway, wired: the only door for people, and the owner of no data."""

from functools import partial

from gateway.clients import Clients
from gateway.http.factory import create_app
from gateway.http.limits import Limits
from gateway.http.rates import CallerRates
from gateway.http.server import HttpServer
from gateway.pages import factory
from services.chassis.application import Application, Platform
from services.chassis.config import Addresses

NAME = "gateway"


def build(platform: Platform, limits: Limits | None = None) -> Application:
    """Build the gateway on a platform; where the services are is read at the start."""
    settings = platform.settings

    def open_clients() -> Clients:
        services = {name: platform.addresses[name] for name in Addresses.model_fields}
        return Clients(services, settings.rpc_deadline_seconds, partial(platform.secured, NAME))

    rates = CallerRates(settings.rates, is_production=settings.is_production)
    pages = factory.build(settings, platform.issuer, platform.bus, platform.recognise)
    app = create_app(
        open_clients, platform.guard, limits or Limits(), rates, [factory.installer(pages)]
    )
    server = HttpServer(app, settings.http_host, settings.http_port, settings.http_proxies)
    return Application(name=NAME, parts=[server, pages.watch], addresses={"http": server.address})

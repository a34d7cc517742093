"""The pages put together: what they stand on, their routes, and refusals told as pages."""

from collections.abc import Callable

from fastapi import FastAPI

from gateway.pages import analyst, citizen, front, officer, steward
from gateway.pages.assets import Assets
from gateway.pages.cookies import Cookies
from gateway.pages.render import Renderer
from gateway.pages.seals import Seals, new_key
from gateway.pages.signin import routes as signin
from gateway.pages.signin.providers import LocalProvider, OutsideProvider, Provider
from gateway.pages.told import Told
from gateway.pages.visit import Pages
from gateway.pages.watch import Watch
from gateway.pages.words import N_
from services.chassis.application import utc_now
from services.chassis.auth import Issuer
from services.chassis.bus.port import Bus
from services.chassis.config import Settings
from services.chassis.emergency import Recognise, recognise_nothing
from services.chassis.keyfile import load_or_make
from services.chassis.outgoing import Notify
from services.chassis.workdays import Calendar, read_calendar

ROUTERS = (
    front.router,
    signin.router,
    *citizen.ROUTERS,
    *officer.ROUTERS,
    *steward.ROUTERS,
    *analyst.ROUTERS,
    front.nowhere,
)
"""In the order in which they are asked; `nowhere` stays last."""
KEY_FILE = "pages.key"


def build(
    settings: Settings, issuer: Issuer, bus: Bus, recognise: Recognise = recognise_nothing
) -> Pages:
    """Make what every page stands on."""
    seals = Seals(load_or_make(settings.secrets_dir / KEY_FILE, new_key))
    assets = Assets.bundled()
    return Pages(
        assets=assets,
        renderer=Renderer(assets, settings.time_zone),
        cookies=Cookies(seals, is_strict=settings.is_production),
        provider=_provider(settings, issuer, seals),
        watch=Watch(bus, settings.member),
        calendar=_calendar(settings),
        public_url=settings.public_url,
        recognise=recognise,
        contact_label=_contact_label(settings.notify),
    )


def installer(pages: Pages) -> Callable[[FastAPI], None]:
    """Return what adds the pages to the app."""

    def install(app: FastAPI) -> None:
        app.state.pages = pages
        for router in ROUTERS:
            app.include_router(router)
        app.add_middleware(Told, pages=pages)

    return install


def _calendar(settings: Settings) -> Calendar:
    """Return the calendar, with the holidays of this year found: that would hold up everybody."""
    calendar = read_calendar(settings.workdays)
    calendar.is_working(utc_now().date())
    return calendar


def _contact_label(notify: Notify) -> str:
    """Return what citizens are asked for; nothing is asked for that no message would go to."""
    if notify.gateway_url:
        return N_("E-mail or phone")
    return N_("E-mail") if notify.smtp_host else ""


def _provider(settings: Settings, issuer: Issuer, seals: Seals) -> Provider | None:
    """Return who signs people in; in production never the local issuer."""
    if settings.oidc.issuer and settings.oidc.client_id:
        return OutsideProvider.of(settings.oidc)
    return None if settings.is_production else LocalProvider(issuer, seals)

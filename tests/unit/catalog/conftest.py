"""A small register, the folder it is written in, and a running catalog service."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from services.catalog import app
from services.catalog.domain import (
    Agency,
    Audience,
    Catalogue,
    Channel,
    Draft,
    LifeEvent,
    LocalizedText,
    Region,
    Service,
    compose,
)
from services.catalog.store import save_folder
from services.chassis import testing
from services.chassis.application import Platform
from services.chassis.principal import Principal, Role


def text(word: str) -> LocalizedText:
    """Return a word as a text in three languages."""
    return LocalizedText(kk=f"{word} kk", ru=f"{word} ru", en=f"{word} en")


def service(id_: str, **changed: Any) -> Service:
    """Return a service of the ministry, online, changed as told."""
    values: dict[str, Any] = {
        "title": text(id_),
        "agency": "MIA",
        "life_event": "documents",
        "audience": Audience.CITIZEN,
        "channel": Channel.ONLINE,
    }
    return Service(id=id_, **(values | changed))


def draft(**changed: Any) -> Draft:
    """Return a draft of four services, two agencies and two regions, changed as told."""
    values: dict[str, Any] = {
        "name": "A small register",
        "licence": "Apache-2.0",
        "origin": "Written for tests",
        "agencies": (Agency("MIA", text("ministry")), Agency("AKIMAT", text("akimat"), True)),
        "regions": (Region("75", text("Almaty")), Region("10", text("Abai"))),
        "life_events": (LifeEvent("documents", text("documents")), LifeEvent("home", text("home"))),
        "services": (
            service("identity.passport"),
            service("identity.id-card", channel=Channel.IN_PERSON),
            service("housing.queue", agency="AKIMAT", life_event="home"),
            service("housing.address", life_event="home", description=text("about")),
        ),
    }
    return Draft(**(values | changed))


@pytest.fixture
def catalogue() -> Catalogue:
    return compose(draft())


@pytest.fixture
def folder(tmp_path: Path, catalogue: Catalogue) -> Path:
    path = tmp_path / "catalogue"
    save_folder(catalogue, path)
    return path


@dataclass
class Client:
    """Calls a running catalog."""

    stub: pb_grpc.CatalogServiceStub
    caller: Any
    platform: Platform

    def steward(self, method: str, subject: str = "aigul", **fields: Any) -> Any:
        """Call as a steward."""
        principal = Principal(subject, Role.CATALOGUE_STEWARD)
        request = getattr(pb, f"{method}Request")(**fields)
        return testing.caller(self.platform, principal).call(getattr(self.stub, method), request)

    def call(self, method: str, **fields: Any) -> Any:
        request = getattr(pb, f"{method}Request")(**fields)
        return self.caller.call(getattr(self.stub, method), request)

    def version(self) -> str:
        return str(self.call("ListServices").catalogue_version)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Start catalog on a folder, as often as wanted, with one database under all."""
    with ExitStack() as stack:

        def start(path: Path | None, **changed: object) -> Client:
            stack.close()
            changed["catalogue"] = path
            platform = stack.enter_context(testing.platform_in(tmp_path / "data", **changed))
            built = stack.enter_context(testing.running(platform, app.build(platform)))
            channel = stack.enter_context(testing.channel_to(built.addresses["catalog"]))
            stub = pb_grpc.CatalogServiceStub(channel)
            return Client(stub, testing.caller(platform), platform)

        yield start


def with_words_in_order(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with the words of each service sorted."""

    def ordered(words: LocalizedText) -> LocalizedText:
        told = {language: sorted(text.split("; ")) for language, text in asdict(words).items()}
        return LocalizedText(**{language: "; ".join(words) for language, words in told.items()})

    services = [replace(one, keywords=ordered(one.keywords)) for one in catalogue.services]
    return replace(catalogue, services=tuple(services))

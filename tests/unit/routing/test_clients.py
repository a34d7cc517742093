"""The copy of the register: where it comes from, and what outlives an absence of catalog."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import grpc
import pytest

from qyzmet.cases.v1 import cases_pb2
from qyzmet.catalog.v1 import catalog_pb2 as pb
from qyzmet.catalog.v1 import catalog_pb2_grpc as pb_grpc
from qyzmet.classifier.v1 import classifier_pb2_grpc
from services.catalog import app as catalog_app
from services.chassis import testing
from services.chassis.application import Application, Platform
from services.chassis.errors import UnavailableError
from services.chassis.principal import Principal, Role
from services.routing.clients.catalogue import CatalogueCopy, from_proto
from services.routing.clients.classifier import ClassifierClient
from services.routing.domain import Case, Policy, PolicyError
from tests.unit.routing import model, register
from tests.unit.routing.world import eventually

ROUTING = Principal("service:routing", Role.SERVICE)


def copy_over(channel: grpc.Channel, platform: Platform, policy: Policy) -> CatalogueCopy:
    """Return a copy that looks for changes all the time and gives up soon."""
    stub = pb_grpc.CatalogServiceStub(channel)
    caller = testing.caller(platform, ROUTING)
    return CatalogueCopy(stub, caller, policy.check, fresh_seconds=0.01, first_seconds=0.5)


@contextmanager
def copied(folder: Path, policy: Policy) -> Iterator[tuple[CatalogueCopy, Application]]:
    """Give a copy, and the running catalog it is a copy of."""
    path = register.save(folder / "catalogue")
    with testing.platform_in(folder / "data", catalogue=path) as platform:
        catalog = catalog_app.build(platform)
        with (
            testing.running(platform, catalog),
            testing.channel_to(catalog.addresses["catalog"]) as channel,
        ):
            copy = copy_over(channel, platform, policy)
            yield copy, catalog
            copy.stop(5)


def merge(service_id: str, successor_id: str, platform: Platform, channel: grpc.Channel) -> None:
    """Merge two services as a steward, and publish."""
    steward = testing.caller(platform, Principal("aigul", Role.CATALOGUE_STEWARD))
    stub = pb_grpc.CatalogServiceStub(channel)
    merged = pb.MergeServicesRequest(
        service_id=service_id, successor_id=successor_id, request_id="r1"
    )
    draft = steward.call(stub.MergeServices, merged).draft
    publish = pb.PublishDraftRequest(expected_version=draft.version, request_id="r2")
    steward.call(stub.PublishDraft, publish)


def test_the_copy_is_there_once_it_has_started(tmp_path: Path) -> None:
    """Whoever asks after the start gets the register."""
    with copied(tmp_path, Policy()) as (copy, _):
        copy.start()

        assert set(copy().services) == {
            "identity.passport",
            "identity.id-card",
            "social.pension",
            "housing.queue",
        }


def test_before_the_start_there_is_no_register(tmp_path: Path) -> None:
    """Nothing is decided by a register that nobody has read."""
    with copied(tmp_path, Policy()) as (copy, _), pytest.raises(UnavailableError):
        copy()


def test_the_copy_outlives_an_absence_of_catalog(tmp_path: Path) -> None:
    """Decisions go on by what was known last."""
    published = Published(catalogue("c1"))
    with testing.platform_in(tmp_path) as platform, published.copied(platform, Policy()) as copy:
        published.is_away, published.asked = True, 0

        eventually(lambda: published.asked > 1)

        assert copy().version == "c1"


def test_a_start_without_catalog_ends_in_time(tmp_path: Path) -> None:
    """Routing does not wait for ever for a register it never had."""
    with copied(tmp_path, Policy()) as (copy, catalog):
        catalog.parts[0].stop(0)

        with pytest.raises(UnavailableError, match="catalog does not answer"):
            copy.start()


def test_a_policy_that_does_not_fit_the_register_stops_the_start(tmp_path: Path) -> None:
    """A rule about a service that does not exist would guard nothing."""
    policy = Policy(needs_human=frozenset({"identity.pasport"}))
    with copied(tmp_path, policy) as (copy, _), pytest.raises(PolicyError):
        copy.start()


def test_a_new_register_is_taken_over(tmp_path: Path) -> None:
    """What catalog publishes reaches routing without a restart."""
    published = Published(catalogue("c1"))
    with testing.platform_in(tmp_path) as platform, published.copied(platform, Policy()) as copy:
        assert copy().version == "c1"

        published.catalogue = catalogue("c2")

        eventually(lambda: copy().version == "c2")


def test_a_merger_of_stewards_is_followed_while_cases_are_decided(tmp_path: Path) -> None:
    """No reading in between finds the service gone: its id leads to the other by then."""
    path = register.save(tmp_path / "catalogue")
    with (
        testing.platform_in(tmp_path / "data", catalogue=path) as platform,
        testing.running(platform, catalog_app.build(platform)) as catalog,
        testing.channel_to(catalog.addresses["catalog"]) as channel,
    ):
        copy = copy_over(channel, platform, Policy())
        copy.start()
        merge("identity.passport", "identity.id-card", platform, channel)
        found = set()

        def has_followed() -> bool:
            found.add(copy().service("identity.passport").id)
            return "identity.id-card" in found

        eventually(has_followed)
        assert found <= {"identity.passport", "identity.id-card"}
        copy.stop(5)


def test_a_register_that_breaks_the_policy_does_not_stop_routing(tmp_path: Path) -> None:
    """A service that leaves the register while we run is told in the log, and decisions go on."""
    published = Published(catalogue("c1"))
    policy = Policy(needs_human=frozenset({"housing.queue"}))
    with testing.platform_in(tmp_path) as platform, published.copied(platform, policy) as copy:
        published.catalogue = pb.Catalogue(version="c2")
        eventually(lambda: copy().version == "c2")

        published.catalogue = catalogue("c3")

        eventually(lambda: copy().version == "c3")


def test_texts_that_fill_more_than_a_message_are_classified(tmp_path: Path) -> None:
    """The largest batch of the longest texts in the widest letters goes through, in order."""
    texts = [f"identity.passport=0.{n:03} ".ljust(4000, "𐰴") for n in range(1, 451)]
    with testing.platform_in(tmp_path) as platform:
        classifier = model.build(platform, model.Model())
        with (
            testing.running(platform, classifier),
            testing.channel_to(classifier.addresses["classifier"]) as channel,
        ):
            stub = classifier_pb2_grpc.ClassifierServiceStub(channel)

            answers = ClassifierClient(stub, testing.caller(platform, ROUTING))(texts)

    assert [one.suggestions[0].probability for one in answers] == [n / 1000 for n in range(1, 451)]


def test_a_service_is_regional_where_its_agency_is() -> None:
    """An akimat's services are handled in the citizen's region, whatever they say of themselves."""
    taken = from_proto(catalogue("c1"))

    assert taken.office(taken.service("housing.queue"), "75") == "akimat-75"


def catalogue(version: str) -> pb.Catalogue:
    """Return a register of one service, whose agency is regional."""
    title = pb.LocalizedText(kk="Тұрғын үй кезегі")
    channel = pb.CHANNEL_ONLINE
    return pb.Catalogue(
        version=version,
        agencies=[pb.Agency(code="AKIMAT", regional=True)],
        services=[pb.Service(id="housing.queue", title=title, agency="AKIMAT", channel=channel)],
        regions=[pb.Region(code="75")],
    )


class Published(pb_grpc.CatalogServiceServicer):
    """A catalog whose register changes when told."""

    def __init__(self, first: pb.Catalogue) -> None:
        self.catalogue = first
        self.is_away = False
        self.asked = 0

    def GetCatalogue(self, request: pb.GetCatalogueRequest, context: Any) -> Any:
        self.asked += 1
        if self.is_away:
            raise UnavailableError
        is_known = request.known_version == self.catalogue.version
        return pb.GetCatalogueResponse(catalogue=None if is_known else self.catalogue)

    @contextmanager
    def copied(self, platform: Platform, policy: Policy) -> Iterator[CatalogueCopy]:
        """Give a copy of the register that looks for changes all the time."""
        server = testing.peer(
            platform,
            lambda server: pb_grpc.add_CatalogServiceServicer_to_server(self, server),
            "qyzmet.catalog.v1.CatalogService",
            address=platform.addresses["catalog"],
        )
        with testing.channel_to(server.address) as channel:
            copy = copy_over(channel, platform, policy)
            with testing.running(platform, Application("catalog", [server, copy])):
                yield copy


def test_a_case_is_handed_on_whole() -> None:
    """Who chooses gets the case as cases tells it, but for what only one answer of cases holds."""
    known = {field.name for field in fields(Case)}

    assert {field.name for field in cases_pb2.Case.DESCRIPTOR.fields} - known == {
        "timeline",
        "emergency",
    }

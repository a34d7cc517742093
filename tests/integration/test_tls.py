"""TLS between services: all of them work behind it, and nobody else gets in."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from typer.testing import CliRunner

from deploy.cli import assembly
from deploy.cli.assembly import Running
from deploy.cli.main import app
from qyzmet.cases.v1 import cases_pb2, cases_pb2_grpc
from qyzmet.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from qyzmet.delivery.v1 import (
    delivery_pb2,
    delivery_pb2_grpc,
    subscriptions_pb2,
    subscriptions_pb2_grpc,
)
from services.chassis.client import Caller, open_channel
from services.chassis.errors import ForbiddenError, UnavailableError
from services.chassis.principal import Principal, Role
from services.chassis.testing import settings_in
from services.chassis.tls import CertificateError, Certificates, Secured
from tests.integration.test_office_consumer import rows
from tests.policy import unsampled
from tests.system import ROOT

EXAMPLE = ROOT / "deploy" / "examples" / "office_stream.py"
STREAM = subscriptions_pb2.SUBSCRIPTION_KIND_STREAM

MIA = Principal("officer", Role.OFFICER, offices=frozenset({"MIA"}))


def make(folder: Path, *options: str) -> Certificates:
    """Make certificates by the command."""
    made = CliRunner().invoke(app, ["certificates", str(folder), *options])
    assert made.exit_code == 0, made.output
    return Certificates(folder)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("tls"), "--office", "MIA")


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, model: Path, certificates: Certificates
) -> Iterator[Running]:
    """Run every service behind TLS."""
    folder = tmp_path_factory.mktemp("system")
    policy = unsampled(folder)
    settings = settings_in(folder, model=model, tls_dir=certificates.folder, policy=policy)
    with assembly.running(settings, list(assembly.BUILDERS)) as started:
        yield started


@dataclass(frozen=True)
class Knocking:
    """Calls services with any certificate and any token."""

    running: Running

    def at(
        self, door: str, secured: Secured | None, call: Callable[..., object], who: Principal
    ) -> object:
        token = self.running.platform.issuer.issue(who, seconds=600)
        with open_channel(self.running.addresses[door], secured) as channel:
            return call(channel, Caller(lambda: token, deadline=10.0))


@pytest.fixture
def knocking(running: Running) -> Knocking:
    return Knocking(running)


def services(channel: grpc.Channel, caller: Caller) -> object:
    stub = catalog_pb2_grpc.CatalogServiceStub(channel)
    return caller.call(stub.ListServices, catalog_pb2.ListServicesRequest(page_size=1))


def cases(channel: grpc.Channel, caller: Caller) -> object:
    stub = cases_pb2_grpc.CasesServiceStub(channel)
    return caller.call(stub.BatchGetMaskedText, cases_pb2.BatchGetMaskedTextRequest())


def feed(channel: grpc.Channel, caller: Caller) -> object:
    stub = delivery_pb2_grpc.DeliveryServiceStub(channel)
    return caller.call(stub.ListFeedEvents, delivery_pb2.ListFeedEventsRequest(office="MIA"))


def send(http: httpx.Client, key: str, eventually: Callable[..., None]) -> str:
    """Submit a request, confirm it where that is asked, and return the id of its case."""
    text = {"text": "Потерял паспорт, нужен новый загранпаспорт"}
    case = http.post("/v1/cases", json=text, headers={"Idempotency-Key": key}).json()
    path = f"/v1/cases/{case['id']}"
    eventually(lambda: http.get(path).json()["state"] not in ("submitted", "returned"))
    if http.get(path).json()["state"] != "routed":
        choice = {"service_id": "identity.passport"}
        http.post(f"{path}:confirm", json=choice, headers={"Idempotency-Key": f"{key}-confirm"})
    return str(case["id"])


def test_a_request_travels_through_every_service(
    running: Running, eventually: Callable[..., None]
) -> None:
    """Submitted, classified, routed, delivered and counted, each hop behind TLS."""
    with httpx.Client(base_url=f"http://{running.addresses['http']}", timeout=30) as http:
        token = running.platform.issuer.issue(MIA, seconds=600)
        officer = {"Authorization": f"Bearer {token}"}
        send(http, "1", eventually)

        eventually(lambda: http.get("/v1/offices/MIA/events", headers=officer).json()["events"])
        eventually(lambda: http.get("/v1/coverage").json()["routed_case_count"] >= 1)
        assert http.get("/readyz").status_code == 200


def test_who_shows_no_certificate_is_refused(
    knocking: Knocking, certificates: Certificates
) -> None:
    """A good token is not enough, neither in the clear nor behind TLS."""
    anybody = grpc.ssl_channel_credentials((certificates.folder / "ca.pem").read_bytes())

    for secured in (None, Secured(anybody, "catalog")):
        with pytest.raises(UnavailableError):
            knocking.at("catalog", secured, services, MIA)


def test_a_certificate_of_another_authority_is_refused(
    knocking: Knocking, certificates: Certificates, tmp_path: Path
) -> None:
    """Whatever it says of itself."""
    other = make(tmp_path / "other")
    key, certificate = (
        (other.folder / name).read_bytes() for name in ("gateway-key.pem", "gateway.pem")
    )
    ours = (certificates.folder / "ca.pem").read_bytes()
    forged = Secured(grpc.ssl_channel_credentials(ours, key, certificate), "catalog")

    with pytest.raises(UnavailableError):
        knocking.at("catalog", forged, services, MIA)


def test_a_door_of_another_authority_is_not_spoken_to(knocking: Knocking, tmp_path: Path) -> None:
    """A client looks at the other end too."""
    other = make(tmp_path / "other")

    with pytest.raises(UnavailableError):
        knocking.at("catalog", other.client("gateway", "catalog"), services, MIA)


def test_a_door_of_another_service_is_not_taken_for_the_one_meant(
    knocking: Knocking, certificates: Certificates
) -> None:
    """Who listens at the address of cases must be cases."""
    with pytest.raises(UnavailableError):
        knocking.at("catalog", certificates.client("gateway", "cases"), services, MIA)


def test_a_service_that_has_no_business_here_is_refused(
    knocking: Knocking, certificates: Certificates
) -> None:
    """The classifier reads the catalogue, and never a case."""
    classifier = Principal("service:classifier", Role.SERVICE)

    assert knocking.at(
        "catalog", certificates.client("classifier", "catalog"), services, classifier
    )
    with pytest.raises(ForbiddenError) as refused:
        knocking.at("cases", certificates.client("classifier", "cases"), cases, classifier)
    assert refused.value.reason == "PEER"


def test_a_service_cannot_pass_for_another(knocking: Knocking, certificates: Certificates) -> None:
    """The token of a service goes with the certificate of that service."""
    stolen = Principal("service:routing", Role.SERVICE)

    assert knocking.at("cases", certificates.client("routing", "cases"), cases, stolen)
    with pytest.raises(ForbiddenError) as refused:
        knocking.at("cases", certificates.client("delivery", "cases"), cases, stolen)
    assert refused.value.reason == "PEER"


def test_an_office_reads_its_feed_by_its_certificate(
    knocking: Knocking, certificates: Certificates
) -> None:
    """Its own only, and at no other service."""
    stranger = Principal("officer", Role.OFFICER, offices=frozenset({"MJ"}))

    assert knocking.at("delivery", certificates.client("MIA", "delivery"), feed, MIA) is not None
    for door, call, who in (("delivery", feed, stranger), ("catalog", services, MIA)):
        with pytest.raises(ForbiddenError) as refused:
            knocking.at(door, certificates.client("MIA", door), call, who)
        assert refused.value.reason == "PEER"


def test_the_example_reads_its_stream_by_its_certificate(
    running: Running,
    knocking: Knocking,
    certificates: Certificates,
    tmp_path: Path,
    eventually: Callable[..., None],
) -> None:
    """As it stands, given the folder of the office's certificate."""
    token, own = tmp_path / "token", certificates.client("MIA", "delivery")
    token.write_text(running.platform.issuer.issue(MIA, seconds=600))
    desk = {"office": "MIA", "name": "desk"}

    def make_stream(channel: grpc.Channel, caller: Caller) -> object:
        stub = subscriptions_pb2_grpc.SubscriptionServiceStub(channel)
        wanted = subscriptions_pb2.CreateSubscriptionRequest(**desk, kind=STREAM)
        return caller.call(stub.CreateSubscription, wanted)

    knocking.at("delivery", own, make_stream, MIA)
    with httpx.Client(base_url=f"http://{running.addresses['http']}", timeout=30) as http:
        case_id = send(http, "2", eventually)
    command = [sys.executable, str(EXAMPLE), *desk.values(), running.addresses["feed"]]
    kept, environment = (
        tmp_path / "office.sqlite",
        {**os.environ, "OFFICE_TLS": str(certificates.folder)},
    )
    with subprocess.Popen([*command, str(token), str(kept)], env=environment) as process:
        eventually(lambda: case_id in {row[0] for row in rows(kept)})
        process.kill()


def test_keys_are_their_owners_alone(certificates: Certificates) -> None:
    """Nobody else on the machine reads them."""
    modes = {stat.S_IMODE(path.stat().st_mode) for path in certificates.folder.iterdir()}

    assert modes == {0o600}


def test_made_again_they_are_of_the_same_authority(tmp_path: Path) -> None:
    """So that services may be given new ones one after another."""
    made = make(tmp_path)
    authority, first = ((tmp_path / name).read_bytes() for name in ("ca.pem", "cases.pem"))

    make(tmp_path)

    assert (made.folder / "ca.pem").read_bytes() == authority
    assert (made.folder / "cases.pem").read_bytes() != first


@pytest.mark.parametrize("office", ["", "../etc", "a b", "cases", "MIA/75"])
def test_what_is_no_office_gets_no_certificate(tmp_path: Path, office: str) -> None:
    """Least of all one by the name of a service."""
    made = CliRunner().invoke(app, ["certificates", str(tmp_path / "tls"), "--office", office])

    assert made.exit_code != 0
    assert not (tmp_path / "tls").exists()


def test_an_authority_without_its_key_makes_nothing(tmp_path: Path) -> None:
    """A new one would lock out every service that has a certificate of the old."""
    make(tmp_path)
    (tmp_path / "ca-key.pem").unlink()

    assert CliRunner().invoke(app, ["certificates", str(tmp_path)]).exit_code != 0


def test_a_certificate_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """And its file is named."""
    with pytest.raises(CertificateError, match=r"cases-key\.pem"):
        Certificates(tmp_path).server("cases")

"""How often one caller may ask."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.app import build
from gateway.http.rates import CallerRates, RateLimitedError
from services.chassis.application import Platform
from services.chassis.auth import Issuer
from services.chassis.config import Addresses, Rates
from services.chassis.principal import ANONYMOUS, Principal, Role
from services.chassis.testing import platform_in, running
from tests.unit.gateway.peer import Peer

AIGUL = Principal("aigul", Role.CITIZEN)
BERIK = Principal("berik", Role.CITIZEN)
PORTAL = Principal("machine-1", Role.PORTAL, "egov")
OTHER_MACHINE = Principal("machine-2", Role.PORTAL, "egov")
HERE = "192.0.2.1"


def rates(**told: int) -> CallerRates:
    return CallerRates(Rates(**told), is_production=False)


def times(ask: Callable[[], None], most: int = 2000) -> int:
    """Ask until it is refused, and return how often it was not."""
    for count in range(most):
        try:
            ask()
        except RateLimitedError:
            return count
    return most


@pytest.mark.parametrize("who", [AIGUL, ANONYMOUS, PORTAL])
def test_a_caller_may_ask_so_often_in_a_minute(who: Principal) -> None:
    """A person, an address, a portal: each by its own bound."""
    counted = rates(person_per_minute=5, address_per_minute=5, portal_per_minute=5)

    assert times(lambda: counted.check_caller(who, HERE)) == 5


def test_callers_do_not_use_up_each_others_share() -> None:
    """Who asks too often holds up only themselves."""
    counted = rates(person_per_minute=3, address_per_minute=3)
    times(lambda: counted.check_caller(AIGUL, HERE))
    times(lambda: counted.check_caller(ANONYMOUS, HERE))

    assert times(lambda: counted.check_caller(BERIK, HERE)) == 3
    assert times(lambda: counted.check_caller(ANONYMOUS, "192.0.2.2")) == 3


def test_a_portal_is_one_caller_whatever_machine_asks() -> None:
    """Its name counts, not its subjects."""
    counted = rates(portal_per_minute=4)
    times(lambda: counted.check_caller(PORTAL, HERE))

    assert times(lambda: counted.check_caller(OTHER_MACHINE, HERE)) == 0


def test_a_household_of_ipv6_is_one_caller() -> None:
    """Whoever has a network of addresses has not as many shares."""
    counted = rates(address_per_minute=3)
    times(lambda: counted.check_address("2001:db8:1:2::1"))

    assert times(lambda: counted.check_address("2001:db8:1:2:ffff::9")) == 0
    assert times(lambda: counted.check_address("2001:db8:1:3::1")) == 3


def test_who_is_refused_is_told_when_to_come_back() -> None:
    """In at most a minute, and not at once."""
    counted = rates(person_per_minute=1)
    counted.check_caller(AIGUL, HERE)

    with pytest.raises(RateLimitedError) as refused:
        counted.check_caller(AIGUL, HERE)

    assert 1 <= refused.value.retry_after <= 60


@pytest.mark.parametrize(("is_production", "often"), [(True, 120), (False, 2000)])
def test_production_has_bounds_where_the_settings_say_nothing(
    is_production: bool, often: int
) -> None:
    """Development has none, so that a load test tells of the system and not of its bounds."""
    counted = CallerRates(Rates(), is_production=is_production)

    assert times(lambda: counted.check_address(HERE)) == often


def test_a_bound_of_zero_is_none() -> None:
    """An operator may leave it to what stands before the gateway."""
    counted = CallerRates(Rates(address_per_minute=0), is_production=True)

    assert times(lambda: counted.check_address(HERE)) == 2000


Get = Callable[..., httpx.Response]


@pytest.fixture
def bounded(platform: Platform, tmp_path: Path, peer: Peer) -> Callable[..., object]:
    """Run a gateway with bounds of three, before the same peer."""

    @contextmanager
    def opened(**changed: object) -> Iterator[Get]:
        told = Rates(person_per_minute=3, address_per_minute=3)
        with platform_in(tmp_path / "bounded", rates=told, **changed) as made:
            made.addresses.update(
                {name: platform.addresses[name] for name in Addresses.model_fields}
            )
            made.guard, made.issuer = platform.guard, platform.issuer
            with (
                running(made, build(made)) as gateway,
                httpx.Client(base_url=f"http://{gateway.addresses['http']}") as http,
            ):
                yield lambda path="/v1/services", **headers: http.get(path, headers=headers)

    return opened


def signed(issuer: Issuer, who: Principal) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.issue(who, seconds=60)}"}


def test_one_request_too_many_is_told_in_http(bounded: Callable[..., object], peer: Peer) -> None:
    """429, a code, when to come back; and no service hears of it."""
    with bounded() as get:
        answers = [get() for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "RATE_LIMITED"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert len(peer.asked) == 3


def test_who_signs_in_has_a_share_of_their_own(
    bounded: Callable[..., object], platform: Platform
) -> None:
    """Behind one address there may be a whole office."""
    with bounded() as get:
        for _ in range(4):
            get()
        answer = get(**signed(platform.issuer, AIGUL))

    assert answer.status_code == 200


def test_bad_tokens_use_up_the_share_of_their_address(bounded: Callable[..., object]) -> None:
    """Whoever tries tokens is slowed down like whoever shows none."""
    with bounded() as get:
        answers = [get(Authorization=f"Bearer {number}.b.c") for number in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


def test_health_is_never_bounded(bounded: Callable[..., object]) -> None:
    """Whoever looks after the system asks as often as they need to."""
    with bounded() as get:
        answers = {get("/healthz").status_code for _ in range(10)}

    assert answers == {200}


@pytest.mark.parametrize(("proxies", "refused"), [("", 1), ("127.0.0.1", 0)])
def test_a_proxy_tells_who_calls_only_where_it_is_trusted(
    bounded: Callable[..., object], proxies: str, refused: int
) -> None:
    """Else everybody could pass for somebody new in each request."""
    with bounded(http_proxies=proxies) as get:
        told = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(4)]
        answers = [get(**headers).status_code for headers in told]

    assert answers.count(429) == refused

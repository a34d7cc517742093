"""People who sign in with an outside issuer, against a real one on a port."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.chassis import jwks, tokens
from services.chassis.application import platform
from services.chassis.auth import Issuer
from services.chassis.config import Oidc, Settings
from services.chassis.errors import UnauthenticatedError
from services.chassis.jwks import (
    Fetch,
    IssuerAwayError,
    IssuerDocument,
    IssuerKeys,
    discover,
)
from services.chassis.kept import Patience
from services.chassis.oidc import OutsideIssuer
from services.chassis.principal import Principal, Role
from services.chassis.testing import platform_in, settings_in
from services.chassis.tokens import TokenError
from tests.unit.chassis.provider import DISCOVERY, JWKS, TOKEN, Provider, make_key, provider


@pytest.fixture
def state() -> Iterator[Provider]:
    with provider() as running:
        yield running


def trusted(state: Provider, **changed: Any) -> OutsideIssuer:
    return OutsideIssuer.of(Oidc(issuer=state.issuer, **changed))


def refusal(issuer: OutsideIssuer, token: str) -> str:
    with pytest.raises(TokenError) as caught:
        issuer.verify(token)
    assert isinstance(caught.value, UnauthenticatedError)
    assert not token or token not in caught.value.message
    return caught.value.reason


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_a_token_of_the_issuer_names_who_calls(state: Provider, algorithm: str) -> None:
    """By its discovery document to its keys, whatever of the allowed kinds they are."""
    state.keys["other"] = make_key(algorithm)

    principal, _ = trusted(state).verify(state.token("other"))

    assert principal == Principal("aigul", Role.CITIZEN)
    assert state.asked == [DISCOVERY, JWKS]


def test_keys_are_read_from_where_we_are_told(state: Provider) -> None:
    """An issuer without a discovery document will do."""
    trusted(state, jwks_url=state.jwks_url).verify(state.token())

    assert state.asked == [JWKS]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": int(time.time()) - 600}, "TOKEN_EXPIRED"),
        ({"exp": None}, "TOKEN_CLAIMS"),
        ({"exp": "tomorrow"}, "TOKEN_CLAIMS"),
        ({"nbf": int(time.time()) + 86400}, "TOKEN_NOT_YET_VALID"),
        ({"aud": "another-product"}, "TOKEN_AUDIENCE"),
        ({"aud": ["another-product"]}, "TOKEN_AUDIENCE"),
        ({"aud": None}, "TOKEN_AUDIENCE"),
        ({"iss": "https://elsewhere.example"}, "TOKEN_ISSUER"),
        ({"iss": None}, "TOKEN_ISSUER"),
        ({"iss": ["qyzmet-local"]}, "TOKEN_ISSUER"),
        ({"sub": None}, "TOKEN_CLAIMS"),
        ({"sub": ""}, "TOKEN_CLAIMS"),
        ({"sub": 7}, "TOKEN_CLAIMS"),
        ({"sub": "anonymous"}, "TOKEN_CLAIMS"),
        ({"sub": "service:routing"}, "TOKEN_CLAIMS"),
        ({"role": None}, "TOKEN_CLAIMS"),
        ({"role": "king"}, "TOKEN_CLAIMS"),
        ({"role": "service"}, "TOKEN_CLAIMS"),
        ({"role": ["citizen", "administrator"]}, "TOKEN_CLAIMS"),
        ({"role": "portal"}, "TOKEN_CLAIMS"),
        ({"role": "officer", "offices": {"MIA": True}}, "TOKEN_CLAIMS"),
    ],
)
def test_a_token_with_wrong_claims_is_refused_with_its_reason(
    state: Provider, changed: dict[str, Any], reason: str
) -> None:
    """Expired, early, for or by somebody else, or not naming one caller of one known role."""
    assert refusal(trusted(state), state.token(**changed)) == reason


def test_an_audience_may_be_one_of_several(state: Provider) -> None:
    """A token for us and for another product is for us."""
    issuer = trusted(state)

    assert issuer.verify(state.token(aud=["another-product", "qyzmet"]))[0].subject == "aigul"


@pytest.mark.parametrize("seconds", [-20, 20])
def test_clocks_may_differ_a_little(state: Provider, seconds: int) -> None:
    """What ended, or begins, within the leeway is taken."""
    now = int(time.time())
    claims = {"exp": now + seconds} if seconds < 0 else {"nbf": now + seconds}

    assert trusted(state, leeway_seconds=60).verify(state.token(**claims))[0].subject == "aigul"
    assert refusal(trusted(state, leeway_seconds=0), state.token(**claims)).startswith("TOKEN_")


@pytest.mark.parametrize("header", [{}, {"kid": ""}, {"kid": "unknown"}])
def test_a_token_must_name_a_key_of_its_issuer(state: Provider, header: dict[str, str]) -> None:
    """Without a key's id, or with one that the issuer does not have, nothing is tried."""
    assert refusal(trusted(state), state.token(header=header)) == "TOKEN_KEY"


def test_a_forged_token_is_refused(state: Provider) -> None:
    """It names the issuer's key, but another one signed it."""
    issuer = trusted(state)
    issuer.verify(state.token())
    state.keys["first"] = ECKey.generate_key("P-256")

    assert refusal(issuer, state.token()) == "TOKEN_SIGNATURE"


@pytest.mark.parametrize("signature", ["", "AAAA"])
@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES512", ""])
def test_an_algorithm_that_is_not_allowed_is_refused(
    state: Provider, algorithm: str, signature: str
) -> None:
    """No token is good unsigned, or signed by what the settings do not name."""
    header = encoded(json.dumps({"alg": algorithm, "kid": "first"}).encode())
    token = f"{header}.{encoded(json.dumps(state.claims()).encode())}.{signature}"

    assert refusal(trusted(state), token) == "TOKEN_ALGORITHM"
    assert state.asked == []


def test_only_the_algorithms_of_the_settings_are_taken(state: Provider) -> None:
    """An operator who allows one excludes the others."""
    state.keys["rsa"] = make_key("RS256")

    assert refusal(trusted(state, algorithms=["ES256"]), state.token("rsa")) == "TOKEN_ALGORITHM"


def test_a_key_is_used_for_its_own_algorithm_only(state: Provider) -> None:
    """A header that names another algorithm than the key's is no way round."""
    state.keys["rsa"] = make_key("RS256")
    forged = state.token("rsa", header={"kid": "first"})

    assert refusal(trusted(state), forged) == "TOKEN_ALGORITHM"


def test_keys_that_are_not_for_signatures_are_passed_over(state: Provider) -> None:
    """Shared secrets, keys for encryption, short keys and what is no key at all."""
    with pytest.warns(SecurityWarning, match="2048 bits"):
        state.keys["short"] = RSAKey.generate_key(1024)
    state.more_keys = [
        OctKey.generate_key(256).as_dict(kid="secret"),
        ECKey.generate_key("P-256").as_dict(private=False, kid="enc", use="enc"),
        ECKey.generate_key("P-256").as_dict(private=False),
        {"kty": "future", "kid": "new"},
        {"kty": "EC", "kid": "broken"},
    ]

    found = Fetch(state.issuer, state.jwks_url, 5.0)()

    assert list(found) == ["first"]


@pytest.mark.parametrize("size", [tokens.MAX_TOKEN_CHARACTERS + 1, 10**6])
def test_an_oversized_token_is_refused_unread(state: Provider, size: int) -> None:
    """Nobody takes the time to read it."""
    assert refusal(trusted(state), "x" * size) == "TOKEN_TOO_LARGE"


@pytest.mark.parametrize("token", ["", "x y", "a.b.c", "..", "é.b.c", "eyJhbGciOiJFUzI1NiJ9..AA"])
def test_what_is_no_token_is_refused(state: Provider, token: str) -> None:
    """Whatever else it is."""
    assert refusal(trusted(state), token) == "TOKEN_MALFORMED"


def test_a_token_of_another_type_is_refused(state: Provider) -> None:
    """A logout token is signed by the same key, and opens nothing."""
    token = state.token(header={"kid": "first", "typ": "logout+jwt"})

    assert refusal(trusted(state), token) == "TOKEN_CLAIMS"


# Whom a token names


def test_claims_are_found_under_the_names_that_the_settings_give(state: Provider) -> None:
    """Roles within claims, the issuer's own names of roles, and offices by their codes."""
    issuer = trusted(
        state,
        role_claim="realm_access.roles",
        roles={"state-officer": "officer"},
        offices_claim="kz.offices",
    )
    token = state.token(
        role=None,
        realm_access={"roles": ["offline_access", "state-officer"]},
        kz={"offices": ["MIA", "akimat-75"]},
    )

    principal, _ = issuer.verify(token)

    assert principal.role is Role.OFFICER
    assert principal.offices == {"MIA", "akimat-75"}


@pytest.mark.parametrize(
    ("claims", "offices"),
    [
        ({"agencies": "MIA"}, {"MIA"}),
        ({"agencies": "MIA MJ"}, {"MIA", "MJ"}),
        ({"agencies": ["AKIMAT"], "regions": ["75", "43"]}, {"akimat-75", "akimat-43"}),
        ({"offices": ["MIA"], "agencies": "AKIMAT", "regions": "75"}, {"MIA", "akimat-75"}),
        ({}, set()),
    ],
)
def test_an_office_is_an_agency_or_an_agency_and_a_region(
    state: Provider, claims: dict[str, Any], offices: set[str]
) -> None:
    """Who works for an akimat works for that of a region, never for all of them."""
    principal, _ = trusted(state).verify(state.token(role="officer", **claims))

    assert principal.offices == offices


def test_who_is_no_officer_has_no_offices(state: Provider) -> None:
    """A claim too many gives a citizen nothing."""
    assert trusted(state).verify(state.token(offices=["MIA"]))[0].offices == frozenset()


def test_a_portal_is_known_by_its_name(state: Provider) -> None:
    """What comes through it is its own."""
    assert trusted(state).verify(state.token(role="portal", portal="egov"))[0].portal == "egov"


def test_who_has_no_role_is_a_citizen_where_the_settings_say_so(state: Provider) -> None:
    """Issuers for the whole population give roles to few."""
    issuer = trusted(state, default_role="citizen")

    assert issuer.verify(state.token(role=None))[0].role is Role.CITIZEN


# How its keys are kept


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(state: Provider, clock: Clock) -> IssuerKeys:
    fetch = Fetch(state.issuer, state.jwks_url, 5.0)
    return IssuerKeys(fetch, Patience(refresh=300, stale=3600, pause=10), clock)


def test_keys_are_fetched_once_for_many_tokens(state: Provider, keys: IssuerKeys) -> None:
    """Also where many callers come at the same time."""
    gate = threading.Barrier(16)

    def find(_: int) -> object:
        gate.wait()
        return keys.find("first")

    with ThreadPoolExecutor(16) as pool:
        assert len(set(map(id, pool.map(find, range(16))))) == 1

    assert state.asked == [JWKS]


def test_a_new_key_is_found_when_it_is_first_used(
    state: Provider, keys: IssuerKeys, clock: Clock
) -> None:
    """Rotation needs no restart: a key we do not know is asked for."""
    keys.find("first")
    state.keys["second"] = ECKey.generate_key("P-256")
    clock.now += 11

    assert keys.find("second")
    assert len(state.asked) == 2


def test_unknown_keys_do_not_make_us_ask_without_end(
    state: Provider, keys: IssuerKeys, clock: Clock
) -> None:
    """Whoever shows tokens with made-up keys makes us ask once a pause, not once a token."""
    keys.find("first")
    clock.now += 11

    for number in range(50):
        with pytest.raises(TokenError):
            keys.find(f"made-up-{number}")

    assert len(state.asked) == 2


def test_a_key_that_was_taken_away_is_refused_after_the_next_fetch(
    state: Provider, keys: IssuerKeys, clock: Clock, eventually: Callable[..., None]
) -> None:
    """It is taken for as long as keys are fresh; whoever comes then has them fetched."""
    keys.find("first")
    state.keys = {"second": ECKey.generate_key("P-256")}
    clock.now += 301
    keys.find("first")

    def is_refused() -> bool:
        try:
            keys.find("first")
        except TokenError:
            return True
        return False

    eventually(is_refused)


def test_nobody_waits_for_keys_that_are_only_old(
    state: Provider, keys: IssuerKeys, clock: Clock
) -> None:
    """While the issuer takes its time, what we have is used."""
    keys.find("first")
    state.go_on.clear()
    clock.now += 301

    assert keys.find("first")


def test_old_keys_are_kept_while_the_issuer_is_away(
    state: Provider, keys: IssuerKeys, clock: Clock, eventually: Callable[..., None]
) -> None:
    """People go on working; a new fetch is tried each pause."""
    keys.find("first")
    state.is_away = True
    for _ in range(3):
        asked = len(state.asked)
        clock.now += 301
        assert keys.find("first")
        eventually(lambda asked=asked: len(state.asked) > asked and not keys._lock.locked())


def test_keys_too_old_are_no_use(state: Provider, keys: IssuerKeys, clock: Clock) -> None:
    """There is a bound to it, and then the caller is told to come back."""
    keys.find("first")
    state.is_away = True
    clock.now += 3601

    with pytest.raises(IssuerAwayError):
        keys.find("first")


def test_an_issuer_that_was_never_reached_is_told_as_away(
    state: Provider, keys: IssuerKeys, clock: Clock
) -> None:
    """Not as a fault of the token; and it is asked again after a pause."""
    state.is_away = True
    for _ in range(3):
        with pytest.raises(IssuerAwayError):
            keys.find("first")
    assert len(state.asked) == 1

    state.is_away = False
    clock.now += 11

    assert keys.find("first")


@pytest.fixture
def document(state: Provider, clock: Clock) -> IssuerDocument:
    patience = Patience(refresh=300, stale=3600, pause=10)
    return IssuerDocument(partial(discover, state.issuer, 5.0), patience, clock)


def test_a_document_that_is_old_is_read_again(
    state: Provider, document: IssuerDocument, clock: Clock
) -> None:
    """An issuer may move its pages."""
    document()
    state.discovered["token_endpoint"] = "http://elsewhere"
    before = document()["token_endpoint"]
    clock.now += 301

    assert (before, document()["token_endpoint"]) == (state.issuer + TOKEN, "http://elsewhere")


def test_an_old_document_will_do_while_the_issuer_does_not_tell(
    state: Provider, document: IssuerDocument, clock: Clock
) -> None:
    """It is asked once a pause, and for so long only."""
    document()
    state.is_away = True
    clock.now += 301
    assert document() == document()
    assert len(state.asked) == 2
    clock.now += 3600

    with pytest.raises(IssuerAwayError):
        document()


def test_an_issuer_that_does_not_answer_is_waited_for_so_long_only(state: Provider) -> None:
    """Every wait has an end."""
    state.go_on.clear()
    issuer = trusted(state, fetch_seconds=0.05)

    with pytest.raises(IssuerAwayError):
        issuer.verify(state.token())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": [1]}',
        b"\xff",
        b'{"keys": [' + b"{}," * 200 + b"{}]}",
        b" " * (jwks.MAX_BYTES + 1),
    ],
)
def test_what_is_no_set_of_keys_is_no_answer(
    state: Provider, keys: IssuerKeys, answer: bytes
) -> None:
    """Not JSON, of another shape, empty, or too large."""
    state.answer = answer

    with pytest.raises(IssuerAwayError):
        keys.find("first")


@pytest.mark.parametrize("changed", [{"issuer": "http://elsewhere"}, {"jwks_uri": 7}])
def test_a_discovery_document_of_somebody_else_is_no_answer(
    state: Provider, changed: dict[str, Any]
) -> None:
    """It must be the issuer's own word."""
    state.discovered |= changed

    with pytest.raises(IssuerAwayError):
        trusted(state).verify(state.token())


# Beside the local issuer


@pytest.fixture
def both(tmp_path: Path, state: Provider) -> Iterator[Any]:
    with platform_in(tmp_path, oidc=Oidc(issuer=state.issuer)) as made:
        yield made


def test_both_issuers_are_trusted_side_by_side(state: Provider, both: Any) -> None:
    """Demo users of the local issuer and people of the outside one, while one develops."""
    local = both.issuer.issue(Principal("demo", Role.CITIZEN), seconds=60)

    for token, subject in ((state.token(), "aigul"), (local, "demo")):
        assert both.guard.identify(f"Bearer {token}")[0].subject == subject


def test_the_outside_issuer_cannot_pass_for_the_local_one(state: Provider, both: Any) -> None:
    """A token that names the local issuer is proved by the local key."""
    forged = state.token(iss="qyzmet-local", role="service", sub="service:routing")

    with pytest.raises(TokenError) as caught:
        both.guard.identify(f"Bearer {forged}")

    assert caught.value.reason == "TOKEN_SIGNATURE"


def test_in_production_the_local_issuer_is_for_services_only(tmp_path: Path) -> None:
    """Its key lies on the machine: whoever has it must not become an administrator."""
    settings = settings_in(tmp_path, environment="production")
    made = platform(settings, bus=None)  # type: ignore[arg-type]  # nothing is published
    issuer = Issuer.at(settings.secrets_dir)

    service = issuer.issue(Principal("service:routing", Role.SERVICE), seconds=60)
    assert made.guard.identify(f"Bearer {service}")[0].role is Role.SERVICE
    for role in set(Role) - {Role.SERVICE}:
        with pytest.raises(TokenError) as caught:
            made.guard.identify(f"Bearer {issuer.issue(Principal('x', role), seconds=60)}")
        assert caught.value.reason == "TOKEN_ISSUER"


def test_production_wants_its_issuer_behind_tls(tmp_path: Path) -> None:
    """Keys that come in the clear are anybody's."""
    with pytest.raises(ValueError, match="https"):
        Settings(environment="production", oidc=Oidc(issuer="http://idp.example"))


def test_a_refusal_is_recorded_without_the_token(
    state: Provider, both: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line in the log and one more in the count, by reason."""
    token = state.token(exp=1)
    sample = ("qyzmet_tokens_refused_total", {"code": "TOKEN_EXPIRED"})
    before = prometheus_client.REGISTRY.get_sample_value(*sample) or 0

    with pytest.raises(TokenError):
        both.guard.identify(f"Bearer {token}")

    told = capsys.readouterr()
    assert "TOKEN_EXPIRED" in told.out + told.err
    assert token.rpartition(".")[2] not in told.out + told.err
    assert prometheus_client.REGISTRY.get_sample_value(*sample) == before + 1


def test_who_was_let_in_may_stay_as_long_as_their_token_is_good(state: Provider, both: Any) -> None:
    """However soon the proof is asked for again: a stream lasts as long as the token it shows."""
    end = int(time.time()) + 3600
    header = f"Bearer {state.token(exp=end)}"
    both.guard.identify(header)

    assert both.guard.end_of(header) >= end

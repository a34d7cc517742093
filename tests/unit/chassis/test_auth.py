"""Who is let in, and as whom."""

import asyncio
import base64
import hmac
import json
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from services.chassis import auth, tokens
from services.chassis.auth import Guard, Issuer, ServiceTokens
from services.chassis.errors import ForbiddenError, UnauthenticatedError
from services.chassis.policy import Policy
from services.chassis.principal import ANONYMOUS, Principal, Role

METHOD = "/test.v1.Test/Do"
OFFICER = Principal("officer-1", Role.OFFICER, "desk", frozenset({"MIA", "akimat-75"}))
POLICY = Policy({METHOD: frozenset({Role.OFFICER, Role.CITIZEN, Role.SERVICE})})
KEY = ECKey.generate_key("P-256")
ISSUER = Issuer(KEY)
TOKEN = ISSUER.issue(OFFICER, seconds=3600)


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {
        "iss": "qyzmet-local",
        "aud": "qyzmet",
        "sub": "aigul",
        "role": "citizen",
        "iat": now,
        "exp": now + 60,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(body: dict[str, Any], key: Any = KEY, algorithm: str = "ES256") -> str:
    return jwt.encode({"alg": algorithm}, body, key, algorithms=[algorithm])


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def guard(issuer: Issuer = ISSUER, *, allow_anonymous: bool = False) -> Guard:
    return Guard(issuer.verify, POLICY, allow_anonymous=allow_anonymous)


def test_a_token_names_whom_it_was_issued_to() -> None:
    """Subject, role, portal and offices come back as they went in."""
    principal, _ = ISSUER.verify(ISSUER.issue(OFFICER, seconds=60))

    assert principal == OFFICER


def test_a_pseudonym_is_one_person_s_in_one_installation() -> None:
    """Every member with the key says the same; without it nobody can try who it may be."""
    again = Issuer(ECKey.import_key(KEY.as_pem(private=True)))
    elsewhere = Issuer(ECKey.generate_key("P-256"))

    assert again.pseudonym("aigul") == ISSUER.pseudonym("aigul")
    assert ISSUER.pseudonym("aigul") not in {ISSUER.pseudonym("b"), elsewhere.pseudonym("aigul")}


def test_a_route_that_is_refused_is_recorded() -> None:
    """The portal refuses before any service hears of it, so it writes the line itself."""
    door = Guard(ISSUER.verify, POLICY, allow_anonymous=False, pseudonym=ISSUER.pseudonym)

    with structlog.testing.capture_logs() as lines, pytest.raises(ForbiddenError):
        door.check_route("GET /nowhere", OFFICER)

    (line,) = lines
    assert (line["method"], line["code"], line["role"]) == ("GET /nowhere", "FORBIDDEN", "officer")
    assert line["subject"] == ISSUER.pseudonym(OFFICER.subject)


def test_a_token_made_by_hand_as_here_is_good() -> None:
    """The refusals below are for what they change, not for how they are made."""
    assert ISSUER.verify(signed(claims()))[0].subject == "aigul"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - tokens.LEEWAY_SECONDS - 5},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 86400},  # made long before it is tried
        {"aud": "another-product"},
        {"aud": None},
        {"iss": "another-issuer"},
        {"iss": None},
        {"sub": None},
        {"role": "king"},
        {"role": None},
        {"offices": "MIA"},
    ],
)
def test_a_token_with_wrong_claims_is_refused(changed: dict[str, Any]) -> None:
    """Expired, not begun, for another audience, by another issuer, or of no known role."""
    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(signed(claims(**changed)))


def test_a_token_signed_with_another_key_is_refused() -> None:
    """A forger who knows everything but the key gets nowhere."""
    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(signed(claims(), ECKey.generate_key("P-256")))


def test_a_token_whose_claims_were_changed_is_refused() -> None:
    """The signature covers the role."""
    header, _, signature = signed(claims()).split(".")
    promoted = encoded(json.dumps(claims(role="administrator")).encode())

    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(f"{header}.{promoted}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_token_without_a_signature_is_refused(algorithm: str, signature: str) -> None:
    """ "alg": "none" is not an algorithm here."""
    header = encoded(json.dumps({"alg": algorithm}).encode())
    body = encoded(json.dumps(claims()).encode())

    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(f"{header}.{body}.{signature}")


@pytest.mark.parametrize("form", ["pem", "der"])
def test_the_public_key_is_no_password(form: str) -> None:
    """HS256 keyed with our public key, the classic confusion, is refused."""
    public = KEY.as_pem(private=False) if form == "pem" else KEY.as_der(private=False)
    signing = encoded(b'{"alg":"HS256"}') + "." + encoded(json.dumps(claims()).encode())
    signature = encoded(hmac.digest(public, signing.encode(), "sha256"))

    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(f"{signing}.{signature}")


def test_a_token_by_another_curve_is_refused() -> None:
    """One algorithm, whatever the header says."""
    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(signed(claims(), ECKey.generate_key("P-384"), "ES384"))


def test_an_oversized_token_is_refused() -> None:
    """Even one with a good signature: a token is short."""
    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(signed(claims(sub="x" * tokens.MAX_TOKEN_CHARACTERS)))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"null",
        b"1",
        b"{}",
        b"[" * 2000,
        b"\xff",
        b'{"alg":[]}',
        b'{"alg":"ES256","crit":1}',
        b'{"alg":"ES256","kid":{}}',
        b'{"alg":"ES256","b64":false,"crit":["b64"]}',
    ],
)
def test_a_strange_header_is_refused(header: bytes) -> None:
    """What is not a header of ours is a refusal, never a failure."""
    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(f"{encoded(header)}.{encoded(b'{}')}.AAAA")


@given(st.text(alphabet=st.characters() | st.sampled_from(".."), max_size=200))
def test_garbage_is_refused(token: str) -> None:
    """No text whatsoever breaks the door or opens it."""
    with pytest.raises(UnauthenticatedError):
        ISSUER.verify(token)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_is_refused(place: int, character: str) -> None:
    """Every character counts, but for the unused bits at the very end."""
    at = place % (len(TOKEN) - 1)
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]

    if changed != TOKEN:
        with pytest.raises(UnauthenticatedError):
            ISSUER.verify(changed)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic abc", "abc", "Bearer\tabc", " "])
def test_a_header_of_another_kind_is_refused(header: str) -> None:
    """The header says: Bearer and a token; something else is not taken for nobody."""
    with pytest.raises(UnauthenticatedError):
        guard(allow_anonymous=True).admit(METHOD, header)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(scheme: str) -> None:
    """As RFC 9110 has it."""
    assert guard().admit(METHOD, f"{scheme} {TOKEN}") == OFFICER


def test_nobody_is_a_citizen_where_that_is_allowed() -> None:
    """Without a token the caller is an anonymous citizen."""
    assert guard(allow_anonymous=True).admit(METHOD, "") == ANONYMOUS


def test_nobody_is_refused_where_that_is_not_allowed() -> None:
    """Production wants to know who calls."""
    with pytest.raises(UnauthenticatedError):
        guard(allow_anonymous=False).admit(METHOD, "")


def test_nobody_is_admitted_to_what_is_for_anybody() -> None:
    """In production too; a token that does not hold is refused all the same."""
    public = replace(POLICY, public={METHOD: "no citizen's word is in it"})
    strict = Guard(ISSUER.verify, public, allow_anonymous=False)

    assert strict.admit(METHOD, "") == ANONYMOUS
    with pytest.raises(UnauthenticatedError):
        strict.admit(METHOD, "Bearer a.b.c")


def test_a_bad_token_is_not_taken_for_nobody() -> None:
    """Where anonymous callers are welcome, a forger still is not."""
    with pytest.raises(UnauthenticatedError):
        guard(allow_anonymous=True).admit(METHOD, "Bearer a.b.c")


def test_a_role_without_a_row_is_refused() -> None:
    """The policy speaks after the token."""
    token = ISSUER.issue(Principal("ann", Role.ANALYST), seconds=60)

    with pytest.raises(ForbiddenError, match=r"the role analyst may not call test\.v1\.Test/Do"):
        guard().admit(METHOD, f"Bearer {token}")


def test_a_method_without_a_row_is_refused_to_all() -> None:
    """What the table does not name is closed."""
    with pytest.raises(ForbiddenError):
        guard().admit("/test.v1.Test/Other", f"Bearer {TOKEN}")


def test_whom_the_guard_admits_the_call_knows() -> None:
    """Handlers see the principal and may call on with the same token."""
    guard().admit(METHOD, f"Bearer {TOKEN}")

    assert auth.current_principal() == OFFICER
    assert auth.current_bearer() == TOKEN


def test_a_nobody_after_somebody_inherits_nothing() -> None:
    """A thread that served an officer does not lend their name to the next caller."""
    everybody = guard(allow_anonymous=True)
    everybody.admit(METHOD, f"Bearer {TOKEN}")

    everybody.admit(METHOD, "")

    assert auth.current_principal() == ANONYMOUS
    assert auth.current_bearer() == ""


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the clock of this process on."""
    real, real_monotonic = time.time, time.monotonic

    def jump(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)
        monkeypatch.setattr(time, "monotonic", lambda: real_monotonic() + seconds)

    return jump


def test_a_token_once_seen_still_expires(pass_time: Callable[[float], None]) -> None:
    """Having let somebody in before is no reason to let them in after the end."""
    door = guard()
    header = f"Bearer {ISSUER.issue(OFFICER, seconds=60)}"
    door.admit(METHOD, header)

    pass_time(60 + tokens.LEEWAY_SECONDS + 1)

    with pytest.raises(UnauthenticatedError):
        door.admit(METHOD, header)


def test_a_proof_is_remembered_for_a_minute(pass_time: Callable[[float], None]) -> None:
    """The signature is not checked at each call, and a key that was taken away counts soon."""
    asked: list[str] = []

    def verify(token: str) -> tuple[Principal, float]:
        asked.append(token)
        return ISSUER.verify(token)

    door = Guard(verify, POLICY, allow_anonymous=False)
    for seconds, times in ((0, 1), (59, 1), (61, 2)):
        pass_time(seconds)
        door.admit(METHOD, f"Bearer {TOKEN}")
        assert len(asked) == times


def test_who_waits_for_an_issuer_holds_up_nobody_else() -> None:
    """On an event loop, a token that takes long to prove leaves others their turn."""
    may_end = threading.Event()

    def verify(token: str) -> tuple[Principal, float]:
        may_end.wait(20)
        return ISSUER.verify(token)

    door = Guard(verify, POLICY, allow_anonymous=True)

    async def two() -> tuple[Principal, Principal]:
        slow = asyncio.create_task(door.admit_soon(METHOD, f"Bearer {TOKEN}"))
        await asyncio.sleep(0)
        quick = await door.admit_soon(METHOD, "")
        may_end.set()
        return quick, await slow

    assert asyncio.run(two()) == (ANONYMOUS, OFFICER)


def test_a_refusal_is_not_remembered_as_an_admission() -> None:
    """The second try with a bad token fares like the first."""
    door = guard()

    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            door.admit(METHOD, "Bearer a.b.c")


def test_the_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of callers takes a bounded amount of room."""
    monkeypatch.setattr(auth, "MAX_CACHED_TOKENS", 3)
    door = Guard(lambda token: (OFFICER, time.time() + 60), POLICY, allow_anonymous=False)

    for number in range(20):
        door.admit(METHOD, f"Bearer {number}")

    assert len(door._seen) <= 3


def test_the_issuer_keeps_its_key_for_itself(tmp_path: Path) -> None:
    """The key file is the owner's alone."""
    Issuer.at(tmp_path / "secrets")

    mode = (tmp_path / "secrets" / "issuer.pem").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_tokens_outlive_a_restart(tmp_path: Path) -> None:
    """The key is kept, so what was issued before is good after."""
    token = Issuer.at(tmp_path).issue(OFFICER, seconds=60)

    assert Issuer.at(tmp_path).verify(token)[0] == OFFICER


def test_two_installations_do_not_know_each_other(tmp_path: Path) -> None:
    """Every installation has a key of its own."""
    token = Issuer.at(tmp_path / "one").issue(OFFICER, seconds=60)

    with pytest.raises(UnauthenticatedError):
        Issuer.at(tmp_path / "other").verify(token)


def test_a_service_shows_a_token_of_its_own() -> None:
    """It is a service, and says which."""
    principal, _ = ISSUER.verify(ServiceTokens(ISSUER, "routing").bearer())

    assert principal == Principal("service:routing", Role.SERVICE)


def test_a_service_renews_its_token_in_time(pass_time: Callable[[float], None]) -> None:
    """What it shows is good long before the old one ends, and made anew only then."""
    tokens = ServiceTokens(ISSUER, "routing")
    first = tokens.bearer()
    assert tokens.bearer() == first

    pass_time(auth.SERVICE_TOKEN_SECONDS * 0.6)

    _, until = ISSUER.verify(tokens.bearer())
    assert until - time.time() > auth.SERVICE_TOKEN_SECONDS * 0.9

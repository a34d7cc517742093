"""Who calls, and whether they may: tokens, the local issuer, and the guard at every door."""

import asyncio
import hashlib
import hmac
import math
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import prometheus_client
import structlog
from joserfc import jwt
from joserfc.jwk import ECKey

from services.chassis import tokens
from services.chassis.errors import ServiceError, UnauthenticatedError
from services.chassis.keyfile import load_or_make
from services.chassis.policy import Policy
from services.chassis.principal import ANONYMOUS, Principal, Role
from services.chassis.tls import AuthContext, Certificates, Peer
from services.chassis.tokens import Claims, Rules, TokenClaimsError, TokenError

ALGORITHM = "ES256"
AUDIENCE = "qyzmet"
LOCAL_ISSUER = "qyzmet-local"
KEY_FILE = "issuer.pem"
MAX_CACHED_TOKENS = 4096
REMEMBERED_SECONDS = 60.0
"""How long a proved token is taken without proof: so soon a key that was taken away counts."""
SERVICE_TOKEN_SECONDS = 3600
PSEUDONYM_CHARACTERS = 16

REFUSED = prometheus_client.Counter(
    "qyzmet_tokens_refused_total", "Bearer tokens that were refused, by why.", ["code"]
)

log = structlog.get_logger()

_principal: ContextVar[Principal] = ContextVar("principal", default=ANONYMOUS)
_bearer: ContextVar[str] = ContextVar("bearer", default="")


def current_principal() -> Principal:
    """Return who makes the running call."""
    return _principal.get()


def current_bearer() -> str:
    """Return the token of the running call, to call on in the same name; empty if anonymous."""
    return _bearer.get()


def forget_caller() -> None:
    """Let nobody be who calls: this thread may have served somebody else before."""
    _principal.set(ANONYMOUS)
    _bearer.set("")


class Issuer:
    """The local issuer: makes and verifies tokens with one ES256 key kept on this machine."""

    def __init__(self, key: ECKey, *, name: str = LOCAL_ISSUER) -> None:
        self._key = key
        self._name = name
        self._rules = Rules(name, AUDIENCE, [ALGORITHM])

    @classmethod
    def at(cls, folder: Path) -> "Issuer":
        """Load the issuer's key from a folder, or make one there, readable by the owner only."""
        return cls(ECKey.import_key(load_or_make(folder / KEY_FILE, _new_key)))

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Tell whether the issuer's key is there already."""
        return (folder / KEY_FILE).exists()

    def pseudonym(self, subject: str) -> str:
        """Return how logs call somebody: the same everywhere, and led back only with the key."""
        secret = str(self._key.as_dict(private=True)["d"]).encode()
        label = b"qyzmet log pseudonym\0" + subject.encode()
        return hmac.digest(secret, label, hashlib.sha256).hex()[:PSEUDONYM_CHARACTERS]

    def issue(self, principal: Principal, *, seconds: float) -> str:
        """Make a token that says who the principal is, for so many seconds."""
        now = int(time.time())
        claims = {
            "iss": self._name,
            "aud": AUDIENCE,
            "sub": principal.subject,
            "role": principal.role.value,
            "portal": principal.portal,
            "offices": sorted(principal.offices),
            "iat": now,
            "exp": now + int(seconds),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims, self._key)

    def verify(self, token: str) -> tuple[Principal, float]:
        """Return whom the token names and when it ends (Unix seconds), or refuse it."""
        tokens.peek(token, self._rules.algorithms)
        claims = self._rules.prove(token, self._key)
        return _principal_of(claims), float(claims["exp"])


def _new_key() -> bytes:
    return ECKey.generate_key("P-256").as_pem(private=True)


def _principal_of(claims: Claims) -> Principal:
    offices = claims.get("offices", [])
    if not isinstance(offices, list) or claims.get("role") not in set(Role):
        raise TokenClaimsError
    return Principal(
        subject=str(claims["sub"]),
        role=Role(str(claims["role"])),
        portal=str(claims.get("portal", "web")),
        offices=frozenset(str(office) for office in offices),
    )


class ServiceTokens:
    """Makes the tokens one of our services shows to the others, and renews them in time."""

    def __init__(self, issuer: Issuer, service: str) -> None:
        self._issuer = issuer
        self._principal = Principal(f"service:{service}", Role.SERVICE)
        self._token = ""
        self._renew_at = 0.0
        self._lock = threading.Lock()

    def bearer(self) -> str:
        """Return a token that is good for a while yet."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._token = self._issuer.issue(self._principal, seconds=SERVICE_TOKEN_SECONDS)
                self._renew_at = time.monotonic() + SERVICE_TOKEN_SECONDS / 2
            return self._token


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was proved of a token: whom it names, when it ends, and until when that is believed."""

    principal: Principal
    end: float
    until: float


class Guard:
    """Stands at every door: reads the token, finds the principal, asks the policy."""

    def __init__(
        self,
        verify: Callable[[str], tuple[Principal, float]],
        policy: Policy,
        *,
        allow_anonymous: bool,
        certificates: Certificates | None = None,
        pseudonym: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.certificates = certificates
        """What doors show and ask for; None for no TLS between services."""
        self._verify = verify
        self._policy = policy
        self._allow_anonymous = allow_anonymous
        self._pseudonym = pseudonym
        self._seen: dict[str, _Proof] = {}

    def admit(self, method: str, authorization: str) -> Principal:
        """Return who calls and remember it for the call, or refuse."""
        shown = self.identify(authorization, is_public=self._policy.is_public(method))
        return self._remember(method, *shown)

    async def admit_soon(self, method: str, authorization: str) -> Principal:
        """Do the same on an event loop."""
        is_public = self._policy.is_public(method)
        shown = await self.identify_soon(authorization, is_public=is_public)
        return self._remember(method, *shown)

    def _remember(self, method: str, principal: Principal, bearer: str) -> Principal:
        _principal.set(principal)  # before anything is refused, so that the log can tell whom
        _bearer.set(bearer)
        self._policy.check(method, principal)
        return principal

    def note_refusal(self, method: str, error: ServiceError, principal: Principal) -> None:
        """Write into the log what was refused to whom; nothing of who did not sign in."""
        line = log.bind(method=method, code=error.reason)
        if not principal.is_anonymous:
            line = line.bind(role=principal.role.value, subject=self._pseudonym(principal.subject))
        line.info("call refused")

    def check_peer(self, method: str, principal: Principal, context: AuthContext) -> None:
        """Refuse whoever shows a certificate that is not of somebody who may call this."""
        if self.certificates is not None:
            Peer.of(context).check(method, principal, self._policy)

    @property
    def allows_anonymous(self) -> bool:
        """Tell whether somebody may go without signing in."""
        return self._allow_anonymous

    def is_open(self, route: str) -> bool:
        """Tell whether a route of the portal is for everybody."""
        return self._policy.is_open(route)

    def is_public(self, route: str) -> bool:
        """Tell whether the call behind a route of the portal needs no token."""
        return self._policy.is_public(self._policy.routes.get(route, ""))

    def check_route(self, route: str, principal: Principal) -> None:
        """Refuse a route of the portal to whom the table does not name."""
        try:
            self._policy.check_route(route, principal)
        except ServiceError as error:
            self.note_refusal(route, error, principal)
            raise

    def identify(self, authorization: str, *, is_public: bool = False) -> tuple[Principal, str]:
        """Return whom an Authorization header names, and its token."""
        if not authorization:
            if not self._allow_anonymous and not is_public:
                raise UnauthenticatedError
            return ANONYMOUS, ""
        token = _token_of(authorization)
        try:
            return self._cached(token), token
        except TokenError as error:
            REFUSED.labels(error.reason).inc()
            log.warning("token refused", code=error.reason)
            raise

    async def identify_soon(
        self, authorization: str, *, is_public: bool = False
    ) -> tuple[Principal, str]:
        """Do the same on an event loop, which nobody holds up who waits for an issuer's keys."""
        if authorization and not self._is_known(_token_of(authorization)):
            return await asyncio.to_thread(self.identify, authorization)
        return self.identify(authorization, is_public=is_public)

    def end_of(self, authorization: str) -> float:
        """Return until when (Unix seconds) whoever was let in by this may stay."""
        if not authorization:
            return math.inf
        known = self._seen.get(_token_of(authorization))
        # What was forgotten meanwhile ends at once: its caller comes again and is proved anew.
        return known.end + tokens.LEEWAY_SECONDS if known else 0.0

    def _is_known(self, token: str) -> bool:
        known = self._seen.get(token)
        return known is not None and known.until > time.time()

    def _cached(self, token: str) -> Principal:
        known = self._seen.get(token)
        if known is None or known.until <= time.time():
            principal, end = self._verify(token)
            known = _Proof(principal, end, min(end, time.time() + REMEMBERED_SECONDS))
            if len(self._seen) >= MAX_CACHED_TOKENS:
                self._seen.clear()
            self._seen[token] = known
        return known.principal


def _token_of(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("the Authorization header must be: Bearer <token>")
    return token

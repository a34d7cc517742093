"""People who sign in with an outside issuer (OpenID Connect): its tokens become principals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import Key

from services.chassis import tokens
from services.chassis.auth import LOCAL_ISSUER
from services.chassis.config import Oidc
from services.chassis.jwks import Fetch, IssuerKeys
from services.chassis.kept import Patience
from services.chassis.offices import regional
from services.chassis.principal import ANONYMOUS_SUBJECT, Principal, Role
from services.chassis.tokens import Claims, Rules, TokenClaimsError, TokenIssuerError, TokenKeyError

PEOPLE = {role.value: role for role in Role if role is not Role.SERVICE}
"""Nobody outside makes one of our own services."""
OWN_SUBJECTS = "service:"

Verify = Callable[[str], tuple[Principal, float]]


@dataclass(frozen=True, slots=True)
class OutsideIssuer:
    """Proves tokens of an outside issuer by its keys and reads whom they name."""

    settings: Oidc
    find: Callable[[str], Key]

    @classmethod
    def of(cls, settings: Oidc) -> "OutsideIssuer":
        """Make the issuer that the settings name; it is asked when the first token comes."""
        fetch = Fetch(settings.issuer, settings.jwks_url, settings.fetch_seconds)
        return cls(settings, IssuerKeys(fetch, patience_of(settings)).find)

    def verify(self, token: str) -> tuple[Principal, float]:
        """Return whom the token names and when it ends (Unix seconds), or refuse it."""
        told = self.settings
        header, claims = tokens.peek(token, told.algorithms)
        if claims.get("iss") != told.issuer:
            raise TokenIssuerError
        key_id = header.get("kid")
        if not isinstance(key_id, str) or not key_id:
            raise TokenKeyError
        key = self.find(key_id)
        rules = Rules(told.issuer, told.audience, told.algorithms, told.leeway_seconds)
        proved = rules.prove(token, key)
        return principal_of(proved, told), float(proved["exp"])


def patience_of(settings: Oidc) -> Patience:
    """Return how long what the issuer tells is good, and how often it is asked."""
    return Patience(settings.refresh_seconds, settings.stale_seconds, settings.pause_seconds)


def principal_of(claims: Claims, told: Oidc) -> Principal:
    """Return whom the claims name, by the names that the settings give them."""
    subject, role = str(claims["sub"]), _role(claims, told)
    if not subject or subject == ANONYMOUS_SUBJECT or subject.startswith(OWN_SUBJECTS):
        raise TokenClaimsError
    portal = _find(claims, told.portal_claim)
    if role is Role.PORTAL and not (isinstance(portal, str) and portal):
        # Without its name it would be taken for the portal of everybody.
        raise TokenClaimsError("the token of a portal must name the portal")
    return Principal(
        subject=subject,
        role=role,
        portal=portal if isinstance(portal, str) and portal else "web",
        offices=_offices(claims, told) if role is Role.OFFICER else frozenset(),
    )


def either(local: Verify, outside: Verify, *, is_strict: bool) -> Verify:
    """Take tokens of both issuers, each as its own; strict leaves the local one our services only.

    A token says itself by whom it is; the proof by that issuer's key comes after.
    """

    def verify(token: str) -> tuple[Principal, float]:
        _, claims = tokens.peek(token, _ALGORITHMS)
        if not _is_local(claims):
            return outside(token)
        principal, end = local(token)
        if is_strict and principal.role is not Role.SERVICE:
            raise TokenIssuerError("the local issuer is not for people here")
        return principal, end

    return verify


def nobody(token: str) -> tuple[Principal, float]:
    """Refuse every token, where no outside issuer is trusted."""
    raise TokenIssuerError


_ALGORITHMS = ("ES256", "RS256", "EdDSA")


def _is_local(claims: Claims) -> bool:
    return claims.get("iss") == LOCAL_ISSUER


def _role(claims: Claims, told: Oidc) -> Role:
    """Return the one role that the claims name; of several, none can be meant."""
    named = _texts(_find(claims, told.role_claim))
    known = {told.roles.get(name, name) for name in named} & PEOPLE.keys()
    if len(known) > 1:
        raise TokenClaimsError("the token names several roles")
    if known:
        return PEOPLE[known.pop()]
    if not told.default_role:
        raise TokenClaimsError("the token names no role")
    return Role(told.default_role)


def _offices(claims: Claims, told: Oidc) -> frozenset[str]:
    """Return offices by their codes, and those that agencies and regions make together."""
    offices = set(_texts(_find(claims, told.offices_claim)))
    agencies = _texts(_find(claims, told.agencies_claim))
    regions = _texts(_find(claims, told.regions_claim))
    if regions:
        offices |= {regional(agency, region) for agency in agencies for region in regions}
    else:
        offices |= set(agencies)
    return frozenset(offices - {""})


def _texts(value: Any) -> list[str]:
    """Return a claim that may be one text, several in a list, or several with blanks between."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise TokenClaimsError


def _find(claims: Claims, path: str) -> Any:
    """Return a claim by its name, or by names with dots between where claims hold claims."""
    if not path or path in claims:
        return claims.get(path)
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found

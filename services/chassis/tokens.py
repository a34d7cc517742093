"""What a bearer token says, once it is proved: the rules that hold whoever issued it.

Every refusal has a reason of its own, for the caller's programmer and for the log; none of
them quotes the token.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import errors as jose
from joserfc import jwt
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry, extract_compact

from services.chassis.errors import UnauthenticatedError

LEEWAY_SECONDS = 30
MAX_TOKEN_CHARACTERS = 8192
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""A token that says it is of another type, such as a logout token, is not for us."""

Claims = Mapping[str, Any]


class TokenError(UnauthenticatedError):
    """The token is not valid."""

    reason = "TOKEN"


class TokenTooLargeError(TokenError):
    """The token is longer than a token may be."""

    reason = "TOKEN_TOO_LARGE"


class TokenMalformedError(TokenError):
    """This is not a signed token (JWS, compact form)."""

    reason = "TOKEN_MALFORMED"


class TokenAlgorithmError(TokenError):
    """The token is signed by an algorithm that is not allowed, or not signed at all."""

    reason = "TOKEN_ALGORITHM"


class TokenKeyError(TokenError):
    """The token names no key of its issuer."""

    reason = "TOKEN_KEY"


class TokenSignatureError(TokenError):
    """The signature of the token is not by its issuer."""

    reason = "TOKEN_SIGNATURE"


class TokenExpiredError(TokenError):
    """The token has expired; sign in again."""

    reason = "TOKEN_EXPIRED"


class TokenEarlyError(TokenError):
    """The token is not valid yet."""

    reason = "TOKEN_NOT_YET_VALID"


class TokenIssuerError(TokenError):
    """The token is by an issuer we do not trust for this."""

    reason = "TOKEN_ISSUER"


class TokenAudienceError(TokenError):
    """The token is for somebody else."""

    reason = "TOKEN_AUDIENCE"


class TokenClaimsError(TokenError):
    """The token does not say who calls as we need it."""

    reason = "TOKEN_CLAIMS"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a token of an issuer must satisfy."""

    issuer: str
    audience: str
    algorithms: Sequence[str]
    leeway: float = LEEWAY_SECONDS

    def prove(self, token: str, key: Key) -> Claims:
        """Return what the token says, if the key signed it and its claims hold now."""
        registry = _Registry(algorithms=list(self.algorithms))
        try:
            claims = jwt.decode(token, key, registry=registry).claims
        except _KEY_MISFITS as error:
            raise TokenAlgorithmError from error
        except jose.BadSignatureError as error:
            raise TokenSignatureError from error
        except (jose.JoseError, TypeError, ValueError) as error:
            raise TokenMalformedError from error
        self._check(claims)
        return claims

    def _check(self, claims: Claims) -> None:
        registry = jwt.JWTClaimsRegistry(
            leeway=int(self.leeway),
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except jose.ExpiredTokenError as error:
            raise TokenExpiredError from error
        except (jose.MissingClaimError, jose.InvalidClaimError) as error:
            raise _claim_error(error.claim) from error
        except (jose.JoseError, TypeError, ValueError) as error:
            raise TokenClaimsError from error
        if not isinstance(claims["sub"], str):
            raise TokenClaimsError


def peek(token: str, algorithms: Sequence[str]) -> tuple[Mapping[str, Any], Claims]:
    """Return the header and the claims of a token that nobody has proved yet.

    They say only whom to ask for the key.
    """
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise TokenTooLargeError
    try:
        compact = extract_compact(token.encode("ascii"), registry=_Registry())
        header, claims = compact.headers(), json.loads(compact.payload)
    except (jose.JoseError, TypeError, ValueError, RecursionError) as error:
        raise TokenMalformedError from error
    if not isinstance(claims, dict):
        raise TokenMalformedError
    if header.get("alg") not in algorithms:
        raise TokenAlgorithmError
    if str(header.get("typ", "jwt")).lower() not in TYPES:
        raise TokenClaimsError("this is not an access token")
    return header, claims


def seconds_left(token: str, algorithms: Sequence[str]) -> float:
    """Return how long a token that was proved is good yet."""
    _, claims = peek(token, algorithms)
    return max(0.0, float(claims["exp"]) - time.time())


def _claim_error(claim: str) -> TokenError:
    kinds: Mapping[str, type[TokenError]] = {
        "iss": TokenIssuerError,
        "aud": TokenAudienceError,
        "nbf": TokenEarlyError,
    }
    return kinds.get(claim, TokenClaimsError)()


_KEY_MISFITS = (
    jose.UnsupportedAlgorithmError,
    jose.MissingAlgorithmError,
    jose.ConflictAlgorithmError,
    jose.UnsupportedKeyAlgorithmError,
    jose.UnsupportedKeyUseError,
    jose.UnsupportedKeyOperationError,
    jose.InvalidKeyTypeError,
    jose.InvalidKeyCurveError,
)


class _Registry(JWSRegistry):
    """Takes EdDSA under its old name too (RFC 8037), which most issuers still write.

    The library warns of that name wherever it is used.
    """

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise jose.UnsupportedAlgorithmError(name)
        return self.algorithms[name]

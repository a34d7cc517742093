"""Where people sign in: OAuth 2.0 authorization code with PKCE (RFC 7636) at an issuer."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from gateway.pages.seals import Seals
from services.chassis.auth import Issuer
from services.chassis.config import Oidc
from services.chassis.demo import DEMO_PRINCIPALS
from services.chassis.errors import UnauthenticatedError
from services.chassis.jwks import IssuerAwayError, IssuerDocument, discover, read_document
from services.chassis.oidc import patience_of

CODE_SECONDS = 60.0
DEMO_SECONDS = 8 * 3600.0
LOCAL_CODE = "local-code"


class SignInError(UnauthenticatedError):
    """Signing in did not come to its end; begin again."""

    reason = "SIGN_IN"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: what the issuer is told, and what it must show in return."""

    state: str
    verifier: str
    back: str
    """Where the issuer sends them back to."""

    @classmethod
    def begin(cls, back: str) -> "Attempt":
        """Begin an attempt."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(48), back)

    @property
    def challenge(self) -> str:
        """Return what the issuer is shown of the verifier."""
        return challenge_of(self.verifier)


class Provider(Protocol):
    """Signs people in."""

    def address(self, attempt: Attempt, language: str) -> str:
        """Return where to send somebody who wants to sign in."""

    def token(self, attempt: Attempt, code: str) -> str:
        """Return the token that a code stands for; SignInError where it stands for none."""

    def way_out(self, back: str, language: str) -> str:
        """Return where to sign out at the issuer too; empty where one cannot, or need not."""


@dataclass(frozen=True, slots=True)
class OutsideProvider:
    """The issuer that the settings name; a thread calls it, for it may be slow."""

    settings: Oidc
    document: Callable[[], Mapping[str, Any]]
    """What the issuer tells of itself; raises IssuerAwayError."""

    @classmethod
    def of(cls, settings: Oidc) -> "OutsideProvider":
        """Make the provider of the settings; its issuer is asked when somebody signs in."""
        fetch = partial(discover, settings.issuer, settings.fetch_seconds)
        return cls(settings, IssuerDocument(fetch, patience_of(settings)))

    def address(self, attempt: Attempt, language: str) -> str:
        """Return where to send somebody who wants to sign in."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": attempt.back,
            "scope": self.settings.scope,
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return _asking(self._place("authorization_endpoint"), asked)

    def token(self, attempt: Attempt, code: str) -> str:
        """Return the token that the issuer's code stands for."""
        shown = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.back,
            "client_id": self.settings.client_id,
            "code_verifier": attempt.verifier,
        }
        if secret := self.settings.client_secret.get_secret_value():
            shown["client_secret"] = secret
        end = time.monotonic() + self.settings.fetch_seconds
        place = self._place("token_endpoint")
        try:
            with httpx.Client(follow_redirects=False) as client:
                told = read_document(client, place, end, form=shown)
        except httpx.HTTPError as error:
            raise IssuerAwayError from error
        except ValueError as error:
            raise SignInError from error
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            raise SignInError
        return token

    def way_out(self, back: str, language: str) -> str:
        """Return where the issuer ends its own session (OpenID Connect RP-Initiated Logout 1.0).

        It knows us by our name: the token it gave beside the access token does not fit into a
        cookie with that. Whoever wants to sign out is not held up by an issuer that is away.
        """
        asked = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": back,
            "state": language,
            "ui_locales": language,
        }
        try:
            return _asking(self._place("end_session_endpoint"), asked)
        except IssuerAwayError:
            return ""

    def _place(self, name: str) -> str:
        place = self.document().get(name)
        if not isinstance(place, str) or not place.startswith(("https:", "http:")):
            raise IssuerAwayError
        if self.settings.issuer.startswith("https:") and not place.startswith("https:"):
            raise IssuerAwayError
        return place


@dataclass(frozen=True, slots=True)
class LocalProvider:
    """The local issuer, where one is whom one likes; in development only."""

    issuer: Issuer
    seals: Seals

    def address(self, attempt: Attempt, language: str) -> str:
        """Return the page that asks who one wants to be."""
        asked = {"state": attempt.state, "code_challenge": attempt.challenge}
        return f"/{language}/demo-sign-in?{urlencode(asked)}"

    def code(self, who: str, challenge: str) -> str:
        """Return the code that stands for a demo user, for whoever knows the verifier."""
        if who not in DEMO_PRINCIPALS:
            raise SignInError
        value = {"who": who, "challenge": challenge}
        return self.seals.seal(LOCAL_CODE, value, seconds=CODE_SECONDS)

    def token(self, attempt: Attempt, code: str) -> str:
        """Return the token that the code stands for."""
        told = self.seals.open(LOCAL_CODE, code)
        if told is None or told["challenge"] != attempt.challenge:
            raise SignInError
        return self.issuer.issue(DEMO_PRINCIPALS[told["who"]], seconds=DEMO_SECONDS)

    def way_out(self, back: str, language: str) -> str:
        """Return nothing: it keeps nobody signed in, but asks each time who one wants to be."""
        return ""


def _asking(place: str, asked: Mapping[str, str]) -> str:
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")

"""Cookies: who is signed in, and which browser a form was made for."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.pages.seals import Seals
from services.chassis.errors import InvalidError

SESSION = "session"
BROWSER = "browser"
SIGNING_IN = "signing-in"
MAX_COOKIE = 4000
"""Browsers drop longer ones without a word."""
SESSION_SECONDS = 8 * 3600.0
"""A working day; the token may end earlier."""
SIGNING_IN_SECONDS = 600.0


class TokenTooLargeError(InvalidError):
    """The issuer's token does not fit into a cookie; let it name fewer things."""

    reason = "TOKEN_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the session cookie holds."""

    token: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and writes our cookies.

    In production each is `__Host-…; Secure`: of this host only, by TLS only. In development they
    go without, since browsers differ on whether http://localhost may set such.
    """

    seals: Seals
    is_strict: bool

    def name(self, name: str) -> str:
        """Return the full name of a cookie."""
        return f"__Host-qyzmet-{name}" if self.is_strict else f"qyzmet-{name}"

    def session(self, request: Request) -> Kept | None:
        """Return who is signed in here; None where nobody is, or their time is over."""
        value = self._open(request, SESSION)
        return Kept(value["token"], value["id"]) if value else None

    def signing_in(self, request: Request) -> Mapping[str, Any] | None:
        """Return what we were about when we sent somebody to the issuer."""
        return self._open(request, SIGNING_IN)

    def browser(self, request: Request) -> str:
        """Return the browser's own secret; empty where it has none yet."""
        return request.cookies.get(self.name(BROWSER), "")

    def keep_session(self, response: Response, token: str, *, seconds: float) -> None:
        """Sign somebody in, under a new name of the session."""
        lasting = min(seconds, SESSION_SECONDS)
        value = {"token": token, "id": secrets.token_hex(16)}
        sealed = self.seals.seal(SESSION, value, seconds=lasting)
        if len(sealed) > MAX_COOKIE:
            raise TokenTooLargeError
        self._set(response, SESSION, sealed, int(lasting))

    def keep_signing_in(self, response: Response, value: Mapping[str, Any]) -> None:
        """Remember what we are about, while somebody is at the issuer."""
        sealed = self.seals.seal(SIGNING_IN, value, seconds=SIGNING_IN_SECONDS)
        self._set(response, SIGNING_IN, sealed, int(SIGNING_IN_SECONDS))

    def keep_browser(self, response: Response, secret: str) -> None:
        """Give the browser its secret."""
        self._set(response, BROWSER, secret, None)

    def forget(self, response: Response, name: str) -> None:
        """Have the browser drop a cookie."""
        self._set(response, name, "", 0)

    def _open(self, request: Request, name: str) -> Mapping[str, Any] | None:
        sealed = request.cookies.get(self.name(name), "")
        return self.seals.open(name, sealed) if sealed else None

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            self.name(name),
            value,
            max_age=seconds,
            path="/",
            secure=self.is_strict,
            httponly=True,
            samesite="lax",
        )

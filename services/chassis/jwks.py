"""The keys of an outside issuer: fetched over HTTP, kept, and fetched again when they change."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from services.chassis.errors import UnavailableError
from services.chassis.kept import Clock, Kept, Patience
from services.chassis.tokens import TokenKeyError

MAX_BYTES = 256 * 1024
MAX_KEYS = 100
MIN_RSA_BITS = 2048
BITS_PER_CHARACTER = 6
KINDS: Mapping[str, Any] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
"""Only public keys are taken: a shared secret in a public document is nobody's."""


class IssuerAwayError(UnavailableError):
    """The issuer of this token cannot be asked for its keys; try again shortly."""

    reason = "ISSUER_AWAY"


class IssuerKeys:
    """The keys of an issuer by their ids."""

    def __init__(
        self,
        fetch: Callable[[], Mapping[str, Key]],
        patience: Patience,
        now: Clock = time.monotonic,
    ) -> None:
        self._kept = Kept(fetch, patience, now)
        self._lock = threading.Lock()

    def find(self, key_id: str) -> Key:
        """Return a key of the issuer; TokenKeyError where it has none of this id.

        Nobody waits but for a key we do not know, and for that at most once a pause.
        """
        known = self._known.get(key_id)
        if known is not None:
            if not self._kept.is_fresh:
                self._ask_beside()
            return known
        with self._lock:  # whoever comes meanwhile waits for the same answer
            if key_id not in self._known and self._kept.may_ask:
                self._kept.ask()
        if key_id in self._known:
            return self._known[key_id]
        if self._kept.told is None:
            raise IssuerAwayError
        raise TokenKeyError

    @property
    def _known(self) -> Mapping[str, Key]:
        return self._kept.told or {}

    def _ask_beside(self) -> None:
        """Fetch on a thread of its own, unless somebody does or did so just now."""
        if not self._kept.may_ask or not self._lock.acquire(blocking=False):
            return

        def ask() -> None:
            try:
                self._kept.ask()
            finally:
                self._lock.release()

        threading.Thread(target=ask, name="issuer-keys", daemon=True).start()


class IssuerDocument:
    """What an issuer tells of itself (OpenID Connect Discovery 1.0), kept as its keys are."""

    def __init__(
        self,
        fetch: Callable[[], Mapping[str, Any]],
        patience: Patience,
        now: Clock = time.monotonic,
    ) -> None:
        self._kept = Kept(fetch, patience, now)
        self._lock = threading.Lock()

    def __call__(self) -> Mapping[str, Any]:
        """Return the document; IssuerAwayError where we have none and get none."""
        with self._lock:  # whoever comes meanwhile waits for the same answer
            if not self._kept.is_fresh and self._kept.may_ask:
                self._kept.ask()
            told = self._kept.told
        if told is None:
            raise IssuerAwayError
        return told


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetches the keys of an issuer from where it says they are, or from where we were told."""

    issuer: str
    url: str
    seconds: float

    def __call__(self) -> Mapping[str, Key]:
        """Return the issuer's keys; all of it takes at most so many seconds."""
        end = time.monotonic() + self.seconds
        with httpx.Client(follow_redirects=False) as client:
            url = self.url or self._discover(client, end)
            return keys_of(read_document(client, url, end))

    def _discover(self, client: httpx.Client, end: float) -> str:
        """Return where the issuer's own document (OpenID Connect Discovery 1.0) says they are."""
        url = _discover(client, self.issuer, end).get("jwks_uri")
        if not isinstance(url, str):
            raise ValueError("the document of the issuer does not say where its keys are")  # noqa: TRY004  what was read is wrong, not its type
        if self.issuer.startswith("https:") and not url.startswith("https:"):
            raise ValueError("the keys are not behind TLS")
        return url


def keys_of(document: Mapping[str, Any]) -> Mapping[str, Key]:
    """Return the keys of a JWK set that are for signatures, by their ids; others are passed over.

    Raises ValueError where none is left.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise ValueError("this is not a set of keys")
    found = [_key_of(one) for one in listed]
    keys = dict(filter(None, found))
    if not keys:
        raise ValueError("the set holds no key for signatures")
    return keys


def _key_of(told: Any) -> tuple[str, Key] | None:
    if not isinstance(told, dict) or told.get("use", "sig") != "sig":
        return None
    key_id, kind = told.get("kid"), KINDS.get(str(told.get("kty")))
    if not isinstance(key_id, str) or not key_id or kind is None:
        return None
    if kind is RSAKey and len(str(told.get("n", ""))) * BITS_PER_CHARACTER < MIN_RSA_BITS:
        return None
    try:
        return key_id, kind.import_key(told)
    except (JoseError, ValueError, TypeError):
        return None


def discover(issuer: str, seconds: float) -> Mapping[str, Any]:
    """Return what an issuer tells of itself; httpx.HTTPError or ValueError where it does not."""
    with httpx.Client(follow_redirects=False) as client:
        return _discover(client, issuer, time.monotonic() + seconds)


def _discover(client: httpx.Client, issuer: str, end: float) -> Mapping[str, Any]:
    told = read_document(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration", end)
    if told.get("issuer") != issuer:
        raise ValueError("this is not the document of the issuer")
    return told


def read_document(
    client: httpx.Client, url: str, end: float, *, form: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """Return a JSON object, bounded in size and, whatever its server does, in time.

    Where there is a form, it is sent.
    """
    body = bytearray()
    method, patience = ("GET" if form is None else "POST"), max(0.001, end - time.monotonic())
    with client.stream(method, url, data=form, timeout=patience) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ValueError("the issuer did not answer with a document")
        for part in answer.iter_bytes():
            body += part
            if len(body) > MAX_BYTES or time.monotonic() > end:
                raise ValueError("the document of the issuer is too large, or comes too slowly")
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("the document of the issuer is not an object")  # noqa: TRY004  what was read is wrong, not its type
    return told

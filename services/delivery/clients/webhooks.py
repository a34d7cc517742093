"""Brings messages to webhooks over HTTP, signed after Standard Webhooks.

No redirects, no proxies, no cookies: httpcore beneath httpx does what is told here and
nothing else. An answer is read no further than its first bytes, and everything about a call
happens before its deadline but for the look-up of a name, which the system's resolver ends.
Validations, for which somebody waits, are sent apart, so that their deadline holds for that too.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
from standardwebhooks import Webhook

from qyzmet.delivery.v1 import subscriptions_pb2 as pb
from services.chassis import codec
from services.chassis.errors import DeadlineError, InvalidError
from services.delivery.clients.addresses import Guard
from services.delivery.clients.apart import Apart
from services.delivery.domain import FeedEntry
from services.delivery.domain.subscriptions import Subscription
from services.delivery.domain.webhooks import OK, Delivery, Reply, Secrets

MAX_ANSWER_BYTES = 4096
VALIDATION_TYPE = "kz.qyzmet.subscription.validation.v1"
VALIDATION_SECONDS = 5.0
"""Half of what the portal waits for an answer: whoever activates hears what came of it."""
VALIDATIONS = 4
"""So many are under way at once, one of an office: far fewer than threads that answer offices."""
USER_AGENT = "qyzmet-webhooks/1"

Encode = Callable[[FeedEntry], bytes]
"""Makes the body of an event: the JSON of the pages."""

_deadline: ContextVar[float] = ContextVar("deadline")


class _TlsError(httpcore.ConnectError):
    """The other side speaks no TLS, or is not who it should be."""


CODES: Mapping[type[Exception], str] = {
    _TlsError: "TLS",
    httpcore.ConnectTimeout: "CONNECT_TIMEOUT",
    httpcore.TimeoutException: "TIMEOUT",
    httpcore.ConnectError: "CONNECT",
    httpcore.NetworkError: "CONNECTION_LOST",
    httpcore.ProtocolError: "PROTOCOL",
    httpcore.UnsupportedProtocol: "PROTOCOL",
}
"""How what may go wrong is told, the narrower kinds first."""


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and to no others."""

    def __init__(self, guard: Guard, *, is_secure: bool) -> None:
        self._guard = guard
        self._is_secure = is_secure
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; TLS goes on to check the name, not it."""
        failure: Exception = httpcore.ConnectError()
        for address in self._guard.addresses(host, port, is_secure=self._is_secure):
            try:
                stream = self._inner.connect_tcp(
                    address, port, _left(timeout), local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure


@dataclass(frozen=True, slots=True)
class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends by the deadline of the call: no drip keeps us."""

    inner: httpcore.NetworkStream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is."""
        return self.inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all."""
        self.inner.write(buffer, _left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Go on under TLS."""
        try:
            return _Stream(self.inner.start_tls(ssl_context, server_hostname, _left(timeout)))
        except httpcore.ConnectError as error:
            raise _TlsError from error

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self.inner.get_extra_info(info)


def _left(timeout: float | None) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the call has taken its time")
    return left if timeout is None else min(left, timeout)


class HttpSend:
    """Webhooks over HTTP; fits the port Send. Safe for many threads."""

    def __init__(
        self, guard: Guard, context: ssl.SSLContext, encode: Encode, *, seconds: float
    ) -> None:
        self._encode = encode
        self._seconds = seconds
        self._apart = Apart(
            "validation", threads=VALIDATIONS, per_office=1, seconds=VALIDATION_SECONDS
        )
        # A connection serves one call: none outlives the look at its address.
        self._pools = {
            scheme: httpcore.ConnectionPool(
                ssl_context=context,
                max_connections=None,
                max_keepalive_connections=0,
                network_backend=_Network(guard, is_secure=scheme == "https"),
            )
            for scheme in ("https", "http")
        }

    def close(self) -> None:
        """Close what is open."""
        self._apart.close()
        for pool in self._pools.values():
            pool.close()

    def event(self, delivery: Delivery, now: datetime) -> Reply:
        """Send an event."""
        entry = delivery.entry
        body = self._encode(entry)
        headers = signed(delivery.secrets, entry.event_id, body, now)
        return self._post(delivery.subscription.url, headers, body, self._seconds)

    def validation(
        self, subscription: Subscription, secrets: Secrets, challenge: str, now: datetime
    ) -> Reply:
        """Send a validation event; the reply holds the body."""
        event = pb.ValidationEvent(
            office=subscription.office,
            name=subscription.name,
            type=VALIDATION_TYPE,
            challenge=challenge,
        )
        body = codec.encode(event)
        headers = signed(secrets, f"validation:{challenge}", body, now)
        seconds = min(self._seconds, VALIDATION_SECONDS)
        try:
            return self._apart.run(
                subscription.office, lambda: self._post(subscription.url, headers, body, seconds)
            )
        except DeadlineError:
            return Reply("TIMEOUT")

    def _post(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Reply:
        _deadline.set(time.monotonic() + seconds)
        try:
            return self._exchange(url, headers, body)
        except InvalidError as error:
            return Reply(error.reason)
        except Exception as error:  # noqa: BLE001  whatever a stranger's server does to us is a reply
            return Reply(_code(error))

    def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        pool = self._pools[url.partition(":")[0].lower()]
        with pool.stream("POST", url, headers=list(headers.items()), content=body) as answer:
            if 200 <= answer.status < 300:
                return Reply(OK, answer.status, body=_beginning(answer))
            code = "REDIRECT" if 300 <= answer.status < 400 else "STATUS"
            told = {name.lower(): value for name, value in answer.headers}
            return Reply(code, answer.status, retry_after(told.get(b"retry-after", b"")))


def signed(secrets: Secrets, id_: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a message, signed with every secret that is good now."""
    text = body.decode()
    signatures = (Webhook(secret).sign(id_, now, text) for secret in secrets.all)
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def retry_after(value: bytes) -> timedelta | None:
    """Return how long a Retry-After header asks to wait, told in seconds or as a date."""
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    with suppress(ValueError):
        date = parsedate_to_datetime(text)
        if date.tzinfo is not None:
            return max(date - datetime.fromtimestamp(time.time(), UTC), timedelta(0))
    return None


def _beginning(answer: httpcore.Response) -> bytes:
    """Read so much of an answer as a challenge needs, and leave the rest."""
    read = b""
    for chunk in answer.iter_stream():
        read += chunk
        if len(read) >= MAX_ANSWER_BYTES:
            break
    return read[:MAX_ANSWER_BYTES]


def _code(error: Exception) -> str:
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), "FAILED")

"""Messages on the wire: signed, once, to the address that was looked at, and not for long."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.chassis.application import utc_now
from services.delivery.clients import webhooks
from services.delivery.clients.addresses import Guard
from services.delivery.clients.webhooks import MAX_ANSWER_BYTES, HttpSend, retry_after
from services.delivery.domain.subscriptions import Subscription
from services.delivery.domain.webhooks import Reply, Secrets
from tests.receiver import Answer, Receiver, receiving
from tests.unit.delivery.parcels import delivery, subscription

SECONDS = 5.0
SHORT_SECONDS = 1.0
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
GUARD = Guard(LOOPBACK)
NEW, OLD = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3", "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"


@contextmanager
def sender(
    guard: Guard = GUARD, context: ssl.SSLContext | None = None, seconds: float = SECONDS
) -> Iterator[HttpSend]:
    context = context or ssl.create_default_context()
    with closing(HttpSend(guard, context, lambda entry: entry.event, seconds=seconds)) as send:
        yield send


def send_to(
    url: str, guard: Guard = GUARD, secrets: Secrets | None = None, seconds: float = SECONDS
) -> Reply:
    wanted = replace(delivery(subscription(url=url)), secrets=secrets or Secrets(NEW))
    with sender(guard, seconds=seconds) as send:
        return send.event(wanted, utc_now())


def test_an_event_is_signed_with_every_secret_that_is_good(receiver: Receiver) -> None:
    """While a secret is rotated, whoever has either of the two can verify."""
    assert send_to(receiver.url, secrets=Secrets(NEW, OLD)).is_good

    (call,) = receiver.calls
    assert call.is_signed_with(NEW)
    assert call.is_signed_with(OLD)
    assert not call.is_signed_with(NEW[:-4] + "AAAA")


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "body"])
def test_nothing_of_a_message_can_be_changed(receiver: Receiver, name: str) -> None:
    """Id, time and body are all under the signature."""
    send_to(receiver.url)
    (call,) = receiver.calls

    if name == "body":
        forged = replace(call, body=call.body + b" ")
    else:
        forged = replace(call, headers=call.headers | {name: call.headers[name] + "1"})

    assert not forged.is_signed_with(NEW)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    """Where it leads was not looked at."""
    with receiving() as elsewhere:
        receiver.answer = lambda call: Answer(307, {"Location": elsewhere.url})

        reply = send_to(receiver.url)

        assert (reply.code, reply.status) == ("REDIRECT", 307)
        assert elsewhere.calls == []


def test_the_address_looked_at_is_the_one_connected_to(receiver: Receiver) -> None:
    """A name that means another address at every question is asked once for a call."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    guard = Guard(LOOPBACK, lambda host, port: next(answers))
    url = receiver.url.replace("127.0.0.1", "rebinding.test")

    first, second = send_to(url, guard), send_to(url, guard)

    assert (first.code, second.code) == ("OK", "ADDRESS_NOT_ALLOWED")
    assert receiver.calls[0].headers["host"] == f"rebinding.test:{receiver.port}"


def test_an_endless_answer_is_read_no_further_than_needed(receiver: Receiver) -> None:
    """A receiver cannot fill our memory."""
    receiver.echoes = False
    receiver.answer = lambda call: Answer(200, body=b"x" * 10_000_000)

    with sender() as send:
        reply = send.validation(subscription(url=receiver.url), Secrets(NEW), "c", utc_now())

    assert reply.body == b"x" * MAX_ANSWER_BYTES


@contextmanager
def dripping() -> Iterator[str]:
    """Run a server that sends a byte of its answer every now and then, for ever."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 10_000:
                    if done.wait(0.05):
                        return
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        done.set()
        thread.join()


def test_an_answer_that_drips_ends_by_the_deadline() -> None:
    """A deadline is for the whole call, not for each byte."""
    begin = time.monotonic()

    with dripping() as url:
        reply = send_to(url, seconds=SHORT_SECONDS)

    assert reply.code == "TIMEOUT"
    assert time.monotonic() - begin < SHORT_SECONDS * 10


def test_what_goes_wrong_is_told_by_a_code(receiver: Receiver) -> None:
    """Nobody there, no TLS there, and a status that is not good."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    receiver.answer = lambda call: Answer(500)

    assert send_to(f"http://127.0.0.1:{port}/").code == "CONNECT"
    assert send_to(receiver.url.replace("http:", "https:")).code == "TLS"
    assert send_to(receiver.url) == Reply("STATUS", 500)


def test_retry_after_is_read_in_seconds_and_as_a_date() -> None:
    """What cannot be read asks for nothing; a date that has passed asks for no wait."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=90), usegmt=True)

    assert retry_after(b"120") == timedelta(seconds=120)
    assert timedelta(seconds=30) < (retry_after(soon.encode()) or timedelta(0))
    assert retry_after(past.encode()) == timedelta(0)
    assert [retry_after(junk) for junk in (b"", b"-1", b"soon", b"\xff")] == [None] * 4
    assert retry_after(b"9" * 400) == timedelta(seconds=10**8)


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a host; return what its server shows and what its clients trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "both.pem"
    pem.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


def test_tls_checks_the_name_though_an_address_is_connected_to(tmp_path: Path) -> None:
    """The right name passes, a server with another name does not."""
    server, trusting = certificate(tmp_path, "office.test")
    guard = Guard(LOOPBACK, lambda host, port: ["127.0.0.1"])

    def named(host: str) -> Subscription:
        return subscription(url=f"https://{host}:{receiver.port}/")

    with (
        receiving(lambda plain: server.wrap_socket(plain, server_side=True)) as receiver,
        sender(guard, trusting) as send,
    ):
        good = send.event(delivery(named("office.test")), utc_now())
        bad = send.event(delivery(named("other.test")), utc_now())

    assert (good.code, bad.code) == ("OK", "TLS")
    assert len(receiver.calls) == 1


def test_a_validation_ends_also_where_a_name_server_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody waits for it: they hear of a time-out, as of any other that went wrong."""
    monkeypatch.setattr(webhooks, "VALIDATION_SECONDS", 0.05)
    may_end = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        may_end.wait(20)
        return []

    with sender(Guard(LOOPBACK, resolve)) as send:
        reply = send.validation(subscription(), Secrets(NEW), "challenge", utc_now())
        may_end.set()

    assert reply == Reply("TIMEOUT")

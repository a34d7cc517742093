"""Ways to citizens: e-mail by SMTP, and the state's own gateway for text messages and inboxes.

Neither logs nor returns an address; what went wrong is told by a code.
"""

import smtplib
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import msgspec

from services.chassis.contact import email_of, is_phone
from services.chassis.outgoing import Notify as Settings
from services.delivery.clients.webhooks import signed
from services.delivery.domain.notices import SENT, Channel, Notice, Text
from services.delivery.domain.webhooks import Secrets


class Notifier:
    """E-mail where the address is one and a server is set, the gateway for all else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._http = httpx.Client(timeout=settings.timeout_seconds, trust_env=False)
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="notify")

    def close(self) -> None:
        """Close what is open; a message under way ends by its own time-outs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def channel(self, contact: str) -> Channel:
        """Say how this address is reached; NONE where it cannot be, or is not a single one."""
        is_email = bool(email_of(contact))
        if is_email and self._settings.smtp_host:
            return Channel.EMAIL
        is_one = is_email or is_phone(contact)
        return Channel.GATEWAY if is_one and self._settings.gateway_url else Channel.NONE

    def send(self, contact: str, notice: Notice, text: Text) -> str:
        """Send a message, on a thread with a deadline; return SENT or what went wrong."""
        ways: dict[Channel, Callable[[str, Notice, Text], str]] = {
            Channel.EMAIL: self._email,
            Channel.GATEWAY: self._gateway,
        }
        sending = self._pool.submit(ways[self.channel(contact)], contact, notice, text)
        try:
            return sending.result(self._settings.timeout_seconds)
        except (FutureTimeoutError, TimeoutError, httpx.TimeoutException):
            sending.cancel()
            return "TIMEOUT"
        except smtplib.SMTPRecipientsRefused:
            return "REFUSED"
        except Exception as error:  # noqa: BLE001  whatever the way does to us is told as a code
            # What a silent server makes of smtplib is a lost connection, with the reason behind it.
            is_late = isinstance(error.__context__, TimeoutError)
            return "TIMEOUT" if is_late else type(error).__name__.upper()

    def _email(self, contact: str, notice: Notice, text: Text) -> str:
        settings = self._settings
        message = EmailMessage()
        message["From"], message["To"] = settings.sender, email_of(contact)
        message["Subject"] = text.subject
        # The same in each attempt, so that what comes twice is shown once.
        message["Message-ID"] = f"<{notice.id}@{settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.body)
        with self._server() as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
        return SENT

    def _server(self) -> smtplib.SMTP:
        settings = self._settings
        at = (settings.smtp_host, settings.smtp_port)
        if settings.smtp_security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*at, timeout=settings.timeout_seconds, context=context)
        server = smtplib.SMTP(*at, timeout=settings.timeout_seconds)
        if settings.smtp_security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except Exception:
                server.close()
                raise
        return server

    def _gateway(self, contact: str, notice: Notice, text: Text) -> str:
        told = {
            "to": contact,
            "case_id": notice.case_id,
            "template": notice.template,
            "languages": notice.languages,
            "subject": text.subject,
            "body": text.body,
        }
        body = msgspec.json.encode(told)
        secret = self._settings.gateway_secret.get_secret_value()
        headers = {"content-type": "application/json", "webhook-id": notice.id}
        if secret:
            now = datetime.fromtimestamp(time.time(), UTC)
            headers = signed(Secrets(secret), notice.id, body, now)
        url = self._settings.gateway_url
        with self._http.stream("POST", url, content=body, headers=headers) as answer:
            return SENT if answer.is_success else f"STATUS_{answer.status_code}"

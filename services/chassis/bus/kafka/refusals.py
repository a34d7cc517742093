"""Kafka's errors in the chassis' own words: what is away, and what is refused.

kafka-python raises the same time-out where no broker listens, where TLS does not match
and where a password is wrong; only its log tells them apart, so we listen to that.
"""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import (
    AuthorizationError,
    IllegalSaslStateError,
    InvalidSessionTimeoutError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedSaslMechanismError,
)

from services.chassis.errors import (
    InvalidError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
    name_of,
)

SIGNING_IN = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
SESSION = (
    "The brokers do not take sessions of QYZMET_KAFKA__SESSION_SECONDS; see their "
    "group.min.session.timeout.ms and group.max.session.timeout.ms."
)
CLOSED = "socket disconnected"
HIDDEN_REFUSAL = "AuthorizationFailedError"
"""How a producer that may not write names it, in the text of a plain KafkaError."""


class KafkaUnavailableError(UnavailableError):
    """The brokers do not answer, or do not let us do this."""

    reason = "KAFKA"


class KafkaRefusedError(KafkaUnavailableError):
    """The brokers answer, but do not let us do this."""

    reason = "KAFKA_REFUSED"


@contextmanager
def telling(doing: str) -> Iterator[None]:
    """Turn kafka-python's errors into the chassis' own, which tell no secrets."""
    try:
        yield
    except KafkaConfigurationError as error:
        raise InvalidError("Kafka's client does not take these settings.") from error
    except MessageSizeTooLargeError as error:
        raise TooLargeError("The brokers refuse a message of this size.") from error
    except UnknownTopicOrPartitionError as error:
        raise NotFoundError("There is no such topic.") from error
    except InvalidSessionTimeoutError as error:
        raise KafkaRefusedError(SESSION) from error
    except (KafkaError, OSError) as error:
        if _is_refusal(error):
            message = f"The brokers do not let us {doing}: {name_of(error)}."
            raise KafkaRefusedError(message) from error
        raise KafkaUnavailableError(f"The brokers do not answer: {name_of(error)}.") from error


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, (AuthorizationError, *SIGNING_IN)) or HIDDEN_REFUSAL in str(error)


@contextmanager
def reaching(brokers: str) -> Iterator[None]:
    """Say in one line why the brokers could not be reached, instead of the client's many."""
    heard = _Heard()
    logger = logging.getLogger("kafka")  # noqa: TID251  # the client's, not ours
    logger.addHandler(heard)
    logger.propagate = False
    try:
        with telling("connect"):
            yield
    except KafkaUnavailableError as error:
        if isinstance(error.__cause__, KafkaTimeoutError):
            raise heard.why(brokers) from error.__cause__
        raise
    finally:
        logger.propagate = True
        logger.removeHandler(heard)


class _Heard(logging.Handler):
    """Remembers the errors that the client tells only its log, each kind once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._errors: dict[type[BaseException], BaseException] = {}
        self._is_closed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the errors of a line, and what led to them."""
        for told in record.args if isinstance(record.args, tuple) else ():
            error = told if isinstance(told, BaseException) else None
            self._is_closed |= error is not None and CLOSED in str(error)
            while error is not None:
                self._errors.setdefault(type(error), error)
                error = error.__cause__ or error.__context__

    def why(self, brokers: str) -> KafkaUnavailableError:
        """Return the most telling of what was heard."""
        for error in self._errors.values():
            if isinstance(error, SIGNING_IN):
                return KafkaRefusedError(
                    f"The brokers at {brokers} do not let us sign in with this user name, "
                    f"password and mechanism: {name_of(error)}."
                )
        for error in self._errors.values():
            if isinstance(error, ssl.SSLError):
                return KafkaRefusedError(
                    f"TLS with the brokers at {brokers} fails; see the certificates and "
                    f"the security protocol: {error.reason or name_of(error)}."
                )
        if self._is_closed:
            return KafkaRefusedError(
                f"The brokers at {brokers} close our connections; see the security protocol, "
                "our certificate and how we sign in."
            )
        return KafkaUnavailableError(f"The brokers at {brokers} do not answer.")

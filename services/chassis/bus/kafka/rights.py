"""Who may read which topic, held by the brokers; and how readers sign in."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import NoError, SecurityDisabledError

from services.chassis.bus.kafka.connection import Connection, opened
from services.chassis.bus.kafka.refusals import (
    KafkaRefusedError,
    KafkaUnavailableError,
    reaching,
    telling,
)
from services.chassis.errors import InvalidError, ServiceError

ANY_HOST = "*"


class NoAuthorizerError(InvalidError):
    """The brokers hold no rights: everybody may do everything (authorizer.class.name is unset)."""

    reason = "KAFKA_NO_AUTHORIZER"


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may do."""

    operation: str
    kind: str
    name: str
    is_prefix: bool = False

    def __str__(self) -> str:
        return f"{self.operation} on {self.kind} {self.name}{'…' if self.is_prefix else ''}"


def reading(topic: str, group: str) -> Sequence[Right]:
    """Return the rights a reader of a topic needs, in a group and groups named after it."""
    return [
        Right("READ", "TOPIC", topic),
        Right("READ", "GROUP", group),
        # With a dot, which no name of ours holds: `office-MIA` must not open `office-MIA-2`.
        Right("READ", "GROUP", f"{group}.", is_prefix=True),
    ]


class Rights:
    """The brokers' table of rights."""

    def __init__(self, connection: Connection) -> None:
        self._lock = threading.Lock()
        with reaching(connection.brokers):
            self._admin = opened(KafkaAdminClient, connection.client("rights"))

    def grant(self, user: str, rights: Sequence[Right]) -> None:
        """Give rights; those somebody has already stay as they are."""
        wanted = [_acl(user, right) for right in rights]
        with self._lock, _asking(f"give rights to {user}"):
            failed = self._admin.create_acls(wanted)["failed"]
        if failed:
            raise _refused(f"give rights to {user}", failed[0])

    def revoke(self, user: str, rights: Sequence[Right]) -> None:
        """Take rights away; it counts from the next request on."""
        gone = [_filter(_acl(user, right)) for right in rights]
        with self._lock, _asking(f"take rights from {user}"):
            done = self._admin.delete_acls(gone)
        for _, _, error in done:
            if error is not NoError:
                raise _refused(f"take rights from {user}", error)

    def of(self, user: str) -> Sequence[Right]:
        """Return every right that somebody has, by whatever name."""
        everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        asked = ACLFilter(
            f"User:{user}", None, ACLOperation.ANY, ACLPermissionType.ALLOW, everything
        )
        with self._lock, _asking("see rights"):
            found, _ = self._admin.describe_acls(asked)
        return sorted((_right(acl) for acl in found), key=str)

    def set_password(self, user: str, password: str) -> None:
        """Let somebody sign in by SCRAM-SHA-512 with a password, in place of an older one."""
        wanted = UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, password)
        with self._lock, telling(f"set the password of {user}"):
            told = self._admin.alter_user_scram_credentials([wanted])
        if told.get(user) is not None:
            raise KafkaRefusedError(f"The brokers do not let us set the password of {user}.")

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()


@contextmanager
def _asking(doing: str) -> Iterator[None]:
    """Tell brokers without an authorizer from brokers that refuse."""
    try:
        with telling(doing):
            yield
    except KafkaUnavailableError as error:
        if isinstance(error.__cause__, SecurityDisabledError):
            raise NoAuthorizerError from error
        raise


def _refused(doing: str, error: type[Exception]) -> ServiceError:
    if error is SecurityDisabledError:
        return NoAuthorizerError()
    return KafkaRefusedError(f"The brokers do not let us {doing}: {error.__name__}.")


def _acl(user: str, right: Right) -> ACL:
    pattern = ResourcePattern(
        ResourceType[right.kind],
        right.name,
        ACLResourcePatternType.PREFIXED if right.is_prefix else ACLResourcePatternType.LITERAL,
    )
    operation = ACLOperation[right.operation]
    return ACL(f"User:{user}", ANY_HOST, operation, ACLPermissionType.ALLOW, pattern)


def _filter(acl: ACL) -> ACLFilter:
    where = acl.resource_pattern
    pattern = ResourcePatternFilter(where.resource_type, where.resource_name, where.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, pattern)


def _right(acl: ACL) -> Right:
    where = acl.resource_pattern
    is_prefix = where.pattern_type is ACLResourcePatternType.PREFIXED
    return Right(acl.operation.name, where.resource_type.name, where.resource_name, is_prefix)

"""Pages of what is listed; a token holds the id of the last one shown, and when that is due."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.cases.domain import Case
from services.chassis.errors import InvalidError

DEFAULT_PAGE = 50
MAX_PAGE = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ID_BYTES = 16
TIME_BYTES = 8


class PageTokenError(InvalidError):
    """The page token is not one of ours."""

    def __init__(self) -> None:
        super().__init__(field="page_token")


def page_size_of(wanted: int) -> int:
    """Return how many entries a page has; 0 asks for the usual number."""
    if not 0 <= wanted <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} entries", field="page_size")
    return wanted or DEFAULT_PAGE


def token_of(last: str) -> str:
    """Return the token of the page after an id."""
    return _written(UUID(last).bytes)


def id_of(token: str) -> str:
    """Return the id after which a page begins; none for the first page."""
    return str(UUID(bytes=_read(token, ID_BYTES))) if token else ""


def due_token_of(last: Case) -> str:
    """Return the token of the page after a case, where what is due first comes first."""
    due = (last.due_time - EPOCH) // MICROSECOND if last.due_time else 0
    return _written(UUID(last.id).bytes + due.to_bytes(TIME_BYTES, "big", signed=True))


def due_and_id_of(token: str) -> tuple[datetime | None, str]:
    """Return after what a page begins that shows what is due first; none for the first page."""
    if not token:
        return None, ""
    raw = _read(token, ID_BYTES + TIME_BYTES)
    due = int.from_bytes(raw[ID_BYTES:], "big", signed=True)
    try:
        return EPOCH + due * MICROSECOND, str(UUID(bytes=raw[:ID_BYTES]))
    except OverflowError as error:
        raise PageTokenError from error


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(token: str, size: int) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error) as error:
        raise PageTokenError from error
    if len(raw) != size:
        raise PageTokenError
    return raw

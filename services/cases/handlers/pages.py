"""Pages of what is listed newest first; a token holds the id of the last one shown."""

import base64
import binascii
from uuid import UUID

from services.chassis.errors import InvalidError

DEFAULT_PAGE = 50
MAX_PAGE = 200


def page_size_of(wanted: int) -> int:
    """Return how many entries a page has; 0 asks for the usual number."""
    if not 0 <= wanted <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} entries", field="page_size")
    return wanted or DEFAULT_PAGE


def token_of(last: str) -> str:
    """Return the token of the page after an id."""
    return base64.urlsafe_b64encode(UUID(last).bytes).decode().rstrip("=")


def id_of(token: str) -> str:
    """Return the id after which a page begins; none for the first page."""
    if not token:
        return ""
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    except (ValueError, binascii.Error) as error:
        raise InvalidError("the page token is not one of ours", field="page_token") from error

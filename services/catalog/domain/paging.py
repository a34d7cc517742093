"""Pages of a list: where a page begins, written as a token that says nothing to others."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from services.catalog.domain.register import Service
from services.chassis.errors import InvalidError

DEFAULT_PAGE = 100
MAX_PAGE = 500
MAX_TOKEN_CHARACTERS = 1000


class PageTokenError(InvalidError):
    """The page token is not one of ours, or belongs to another question."""

    reason = "PAGE_TOKEN"

    def __init__(self) -> None:
        super().__init__(field="page_token")


@dataclass(frozen=True, slots=True)
class Question:
    """What is listed; a token is good for one question only."""

    life_event: str = ""
    agency: str = ""
    query: str = ""

    def accepts(self, service: Service) -> bool:
        """Tell whether the service is asked for, whatever its words are."""
        return self.life_event in ("", service.life_event) and self.agency in ("", service.agency)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of services."""

    services: Sequence[Service]
    next_token: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The end of a page: the version it was read from, the question, and the last id on it."""

    version: str
    question: Question
    last_id: str

    def token(self) -> str:
        """Return the bookmark as a token."""
        asked = self.question
        parts = [self.version, asked.life_event, asked.agency, self.last_id]
        # Last, and only where there is one: tokens of before are read as they were.
        parts += [asked.query] if asked.query else []
        return (
            base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode())
            .decode()
            .rstrip("=")
        )

    @classmethod
    def of(cls, token: str, question: Question) -> "Bookmark":
        """Read a token given with a question, or raise PageTokenError."""
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise PageTokenError
        try:
            parts = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", True))
            version, life_event, agency, last_id, *query = map(str, parts)
            asked = Question(life_event, agency, *query)
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise PageTokenError from error
        if asked != question:
            raise PageTokenError
        return cls(version, question, last_id)


def page_limit(page_size: int) -> int:
    """Return how many a page holds at most, or refuse the size."""
    if not 0 <= page_size <= MAX_PAGE:
        raise InvalidError(
            f"a page has 1 to {MAX_PAGE} services", reason="PAGE_SIZE", field="page_size"
        )
    return page_size or DEFAULT_PAGE

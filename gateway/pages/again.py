"""A form that was refused, given back with all that was typed, to be sent again."""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from gateway.http.limits import LONG_FORM_BYTES
from gateway.pages.visit import (
    FORM_MARK,
    MAX_FIELDS,
    Pages,
    asked_for,
    form_field,
    is_surely_from_here,
    know_browser,
    whose,
)

MOST_BYTES = LONG_FORM_BYTES
"""So much of any form is kept, to be given back: also of one that was too long for its page."""
REST_SECONDS = 2.0
"""For a form that was refused before anybody read it."""
TEXT = "text"
"""The field that is shown whatever it holds; others are where that is more than one word."""
LATER = (401, 429, 500, 503, 504)
"""Refused for what passes, or for who they were: the same form may be taken later."""
OTHERWISE = (400, 413, 422)
"""Refused for what it says: it can be said otherwise, or in fewer words."""


@dataclass(slots=True)
class Body:
    """The body of a request, kept on its way in."""

    _receive: Receive
    content: bytearray = field(default_factory=bytearray)
    is_whole: bool = False

    async def receive(self) -> Message:
        """Hand on what comes, and keep as much as a form may have."""
        message = await self._receive()
        if message["type"] == "http.request" and len(self.content) <= MOST_BYTES:
            self.content += message.get("body", b"")
            self.is_whole = not message.get("more_body", False)
        return message

    async def read(self) -> bytes:
        """Return the body; nothing where it is too large, or does not come in time."""
        try:
            async with asyncio.timeout(REST_SECONDS):
                while not self.is_whole and len(self.content) <= MOST_BYTES:
                    if (await self.receive())["type"] != "http.request":
                        return b""
        except TimeoutError:
            return b""
        return bytes(self.content) if len(self.content) <= MOST_BYTES else b""


@dataclass(frozen=True, slots=True)
class Again:
    """What was sent, as its page gives it back."""

    action: str
    typed: Mapping[str, str]
    hidden: Mapping[str, str]
    can_be_sent: bool
    """Whether to send the same again may help; else it is shown, so that it is not lost."""
    mark: Markup
    browser: str

    def keep(self, pages: Pages, request: Request, response: Response) -> None:
        """Have the browser know the secret that the form was marked for."""
        know_browser(pages, request, self.browser, response)


def again(pages: Pages, request: Request, body: bytes, problem: Mapping[str, Any]) -> Again | None:
    """Return what a refused form held; None where it held nothing, or another site made it.

    One that another site sent must not get our mark by being refused.
    """
    if (
        request.method != "POST"
        or request.url.path.endswith("sign-in")
        or not is_surely_from_here(request, pages.public_url)
    ):
        return None
    fields = dict(_fields(body))
    typed = {name: value for name, value in fields.items() if _is_typed(name, value)}
    kept = pages.cookies.session(request)
    can_be_sent = bool(fields) and _may_be_taken(problem, is_signed_in=kept is not None)
    if not typed and not can_be_sent:
        return None
    if problem["status"] == 422 and "key" in fields:
        # Under this name other words were sent before.
        fields["key"] = secrets.token_hex(16)
    browser = pages.cookies.browser(request) or secrets.token_hex(16)
    return Again(
        action=asked_for(request),
        typed=typed,
        hidden={name: value for name, value in fields.items() if name not in typed},
        can_be_sent=can_be_sent,
        mark=form_field(pages, whose(browser, kept.session_id if kept else "")),
        browser=browser,
    )


def _may_be_taken(problem: Mapping[str, Any], *, is_signed_in: bool) -> bool:
    if problem["status"] == 403:
        return problem["code"] == "FORM_EXPIRED" or not is_signed_in
    return problem["status"] in (*LATER, *OTHERWISE)


def _fields(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        told = parse_qsl(body.decode("utf-8", "replace"), True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return
    for name, value in told:
        if name != FORM_MARK:
            yield name, value.replace("\r\n", "\n").replace("\x00", "")


def _is_typed(name: str, value: str) -> bool:
    return value.strip() != "" and (name == TEXT or len(value.split()) > 1)

"""A form that was refused, given back with all that was typed, to be sent again."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from gateway.http.limits import LONG_FORM_BYTES
from gateway.pages.retelling import first_asked_for
from gateway.pages.visit import (
    FORM_MARK,
    MAX_FIELDS,
    Pages,
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
CUT_LETTER = re.compile(rb"%[0-9A-Fa-f]?$")
"""What is left of a letter where the line broke in the middle of it."""
LATER = (401, 408, 429, 500, 503, 504)
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

    async def rest(self) -> None:
        """Take what is still to come, as far as it is not too much and comes in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(REST_SECONDS):
                while not self.is_whole and len(self.content) <= MOST_BYTES:
                    if (await self.receive())["type"] != "http.request":
                        return

    def fields(self) -> dict[str, str]:
        """Return the fields of the form as far as they came; none where they are too many."""
        if len(self.content) > MOST_BYTES:
            return {}
        body = CUT_LETTER.sub(b"", bytes(self.content)).decode("utf-8", "replace")
        try:
            told = parse_qsl(body, True, max_num_fields=MAX_FIELDS)
        except ValueError:
            return {}
        return {name: _clean(value) for name, value in told if name != FORM_MARK}


@dataclass(frozen=True, slots=True)
class Again:
    """What was sent, as its page gives it back."""

    action: str
    typed: Mapping[str, str]
    hidden: Mapping[str, str]
    is_whole: bool
    """Whether all of it came."""
    can_be_sent: bool
    """Whether to send the same again may help; else it is shown, so that it is not lost."""
    mark: Markup
    browser: str

    @property
    def fields(self) -> Mapping[str, str]:
        """Return all that was sent."""
        return {**self.hidden, **self.typed}

    def keep(self, pages: Pages, request: Request, response: Response) -> None:
        """Have the browser know the secret that the form was marked for."""
        know_browser(pages, request, self.browser, response)


def again(pages: Pages, request: Request, body: Body, problem: Mapping[str, Any]) -> Again | None:
    """Return what a refused form held; None where it held nothing, or another site made it.

    One that another site sent must not get our mark by being refused.
    """
    if (
        request.method != "POST"
        or request.url.path.endswith("sign-in")
        or not is_surely_from_here(request, pages.public_url)
    ):
        return None
    fields = body.fields()
    typed = {name: value for name, value in fields.items() if _is_typed(name, value)}
    kept = pages.cookies.session(request)
    is_complete = body.is_whole and bool(fields)
    can_be_sent = is_complete and _may_be_taken(problem, is_signed_in=kept is not None)
    if not typed and not can_be_sent:
        return None
    if problem["status"] == 422 and "key" in fields:
        # Under this name other words were sent before.
        fields["key"] = secrets.token_hex(16)
    browser = pages.cookies.browser(request) or secrets.token_hex(16)
    return Again(
        action=first_asked_for(request),
        typed=typed,
        hidden={name: value for name, value in fields.items() if name not in typed},
        is_whole=body.is_whole,
        can_be_sent=can_be_sent,
        mark=form_field(pages, whose(browser, kept.session_id if kept else "")),
        browser=browser,
    )


def _may_be_taken(problem: Mapping[str, Any], *, is_signed_in: bool) -> bool:
    if problem["status"] == 403:
        return problem["code"] == "FORM_EXPIRED" or not is_signed_in
    return problem["status"] in (*LATER, *OTHERWISE)


def _clean(value: str) -> str:
    """Return what was typed, as the lines of a text end, without the half of a letter."""
    return value.replace("\r\n", "\n").replace("\x00", "").rstrip("\N{REPLACEMENT CHARACTER}")


def _is_typed(name: str, value: str) -> bool:
    return value.strip() != "" and (name == TEXT or len(value.split()) > 1)

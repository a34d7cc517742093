"""The way of an answer out, on which a problem is held back, to become a page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Message, Send

from gateway.http.problems import MEDIA_TYPE


@dataclass(slots=True)
class Held:
    """Sends what is no problem, and keeps what is."""

    _send: Send
    head: list[tuple[bytes, bytes]] | None = None
    body: bytearray = field(default_factory=bytearray)

    @property
    def problem(self) -> Mapping[str, Any] | None:
        """Return the problem that was held back, if one was."""
        told: Mapping[str, Any] = json.loads(bytes(self.body)) if self.head is not None else {}
        return told or None

    async def send(self, message: Message) -> None:
        """Let an answer through, and hold a problem back."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self.head = list(message["headers"])
        elif self.head is not None:
            self.body += message.get("body", b"")
        else:
            await self._send(message)


def _is_problem(message: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(MEDIA_TYPE.encode())
        for name, value in message["headers"]
    )

"""Texts as people write them, found by what the system in front of us would decide.

Models change; a test that needs an unsure one asks which text is unsure today.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from tests.e2e.people import Person

FILES = ("data/demo/requests.jsonl", "data/test/requests.jsonl", "data/examples/out-of-scope.jsonl")

Condition = Callable[[dict[str, Any]], bool]


@dataclass(slots=True)
class Words:
    """The bundled texts with the suggestion for each; each is asked for once."""

    person: Person
    texts: list[str] = field(default_factory=lambda: list(_bundled()))
    suggestions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def suggestion(self, text: str) -> dict[str, Any]:
        """Return what the system would decide about a text."""
        if text not in self.suggestions:
            answer = self.person.post("/v1/suggestions", {"text": text})
            self.suggestions[text] = self.person.json(answer)
        return self.suggestions[text]

    def of(self, outcome: str, *, where: Condition = lambda seen: True, **more: str) -> str:
        """Return a text the system would decide upon in this way."""
        wanted = {"outcome": outcome, **more}.items()
        for text in self.texts:
            seen = self.suggestion(text)
            if all(seen.get(name) == value for name, value in wanted) and where(seen):
                return text
        raise AssertionError(f"no bundled text is {dict(wanted)}")


def _bundled() -> Iterator[str]:
    for name in FILES:
        lines = resources.files("classifier").joinpath(name).read_text("utf-8").splitlines()
        yield from (json.loads(line)["text"] for line in lines)

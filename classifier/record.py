"""What a candidate would have answered beside the live model: an append-only record without words.

Two files a replica, each of a bounded size: when one is full it takes the place of the one
before. A row names its text by a keyed hash whose key is forgotten with the process, so that a text
that came twice is seen and nobody can try texts against it.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from classifier.domain import OUT_OF_SCOPE, Classification
from classifier.today import NONE, Successors

MAX_BYTES = 16 * 1024 * 1024
MAX_LINE_BYTES = 4096
OLDER = ".old"


class Said(msgspec.Struct, frozen=True):
    """What one model said of a text."""

    model: str
    label: str
    probability: float
    would: str
    """route, offer or neither: what its own thresholds allow."""


class Seen(msgspec.Struct, frozen=True):
    """One text, answered by both models; or how many were dropped since the row before."""

    time: str
    about: str = ""
    language: str = ""
    live: Said | None = None
    shadow: Said | None = None
    dropped: int = 0


def said(told: Classification) -> Said:
    """Return the best label of an answer, out of scope among them."""
    label, probability = OUT_OF_SCOPE, told.out_of_scope
    if told.suggestions and told.suggestions[0].probability >= probability:
        label, probability = told.suggestions[0].service_id, told.suggestions[0].probability
    would = "neither"
    if label != OUT_OF_SCOPE and probability >= told.thresholds.confirm:
        would = "route" if probability >= told.thresholds.route else "offer"
    return Said(told.model, label, round(probability, 6), would)


class Record:
    """Appends rows to a file, and starts anew before it is too large."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")

    def add(self, row: Seen) -> None:
        """Append a row; it is on its way to disk when `flush` returns."""
        line = msgspec.json.encode(row) + b"\n"
        if self._file.tell() + len(line) > self._max_bytes:
            self._file.close()
            os.replace(self._path, f"{self._path}{OLDER}")
            self._file = self._path.open("ab")
        self._file.write(line)

    def flush(self) -> None:
        """Hand over what was appended."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(folder: Path) -> Iterator[Seen]:
    """Give the rows of every replica; a line that was torn by a crash is passed over."""
    for path in sorted(folder.glob("*.jsonl*"), key=lambda path: (path.name.split(".")[0], path)):
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES):
                try:
                    yield msgspec.json.decode(line, type=Seen)
                except msgspec.DecodeError:
                    continue


@dataclass(slots=True)
class Language:
    """How both models answered the texts of a language."""

    count: int = 0
    agreed: int = 0
    routed: Counter[str] = field(default_factory=Counter)
    """How many each would have routed."""
    routed_apart: int = 0
    """How many both would have routed, to different services."""

    def as_json(self) -> Mapping[str, float]:
        """Return shares, rounded as far as they mean something."""
        return {
            "texts": self.count,
            "agreement": round(self.agreed / self.count, 4),
            "live_routed": round(self.routed["live"] / self.count, 4),
            "shadow_routed": round(self.routed["shadow"] / self.count, 4),
            "routed_apart": round(self.routed_apart / self.count, 4),
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """What a record tells of one candidate beside one live model."""

    languages: Mapping[str, Language]
    """By language, and of all."""
    differences: Sequence[tuple[tuple[str, str], int]]
    """Pairs of what the live model and the candidate said, the most frequent first."""
    dropped: int

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "languages": {name: told.as_json() for name, told in self.languages.items()},
            "differences": [
                {"live": live, "shadow": shadow, "texts": count}
                for (live, shadow), count in self.differences
            ],
            "dropped": self.dropped,
        }


ALL = "all"


def summarise(
    rows: Iterable[Seen], *, live: str, shadow: str, successors: Successors = NONE
) -> Summary:
    """Count how two models answered; what they said beside other models does not count.

    Both are heard in the ids of today: of a service that was renamed they may say both names.
    """
    languages: dict[str, Language] = defaultdict(Language)
    differences: Counter[tuple[str, str]] = Counter()
    dropped = 0
    for row in rows:
        dropped += row.dropped
        if row.live is None or row.shadow is None:
            continue
        if (row.live.model, row.shadow.model) != (live, shadow):
            continue
        before, after = (_today(one, successors) for one in (row.live, row.shadow))
        for name in (ALL, row.language):
            _count(languages[name], before, after)
        if before.label != after.label:
            differences[before.label, after.label] += 1
    return Summary(dict(sorted(languages.items())), differences.most_common(), dropped)


def _today(told: Said, successors: Successors) -> Said:
    return msgspec.structs.replace(told, label=successors.get(told.label, told.label))


def _count(told: Language, live: Said, shadow: Said) -> None:
    told.count += 1
    told.agreed += live.label == shadow.label
    told.routed["live"] += live.would == "route"
    told.routed["shadow"] += shadow.would == "route"
    told.routed_apart += live.would == shadow.would == "route" and live.label != shadow.label

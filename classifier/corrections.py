"""What people said of where cases belong, as examples to learn from.

Every line of the file is the data of an event of `qyzmet.corrections.v1`: codes and ids, no words.
What contradicts itself, or comes from one writer in a flood, waits for a person; the masked words
of the rest are fetched from `cases`, where a case that was erased has none any more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

from classifier.domain import OUT_OF_SCOPE, Example
from classifier.examples import MAX_EXAMPLES, ExampleError, newest_rows

MAX_CODE = 128
Code = Annotated[str, msgspec.Meta(max_length=MAX_CODE)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Held(StrEnum):
    """Why a correction waits for a person."""

    CONTRADICTED = "CONTRADICTED"
    """Of one case different services were said."""
    RETURNED = "RETURNED"
    """The office of the chosen service said that the case is not for it."""
    FLOOD = "FLOOD"
    """One writer said more than a person says in such a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said of where a case belongs; the names are those of the event."""

    case_id: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CODE)]
    time: Time
    decision_id: Code = ""
    model: Code = ""
    suggested_service: Code = ""
    chosen_service: Code = ""
    actor: Code = ""
    reason_code: Code = ""
    writer: Code = ""

    @property
    def label(self) -> str:
        """Return what is to be learned; a return alone says only where a case does not belong."""
        return OUT_OF_SCOPE if self.reason_code == "OUT_OF_SCOPE" else self.chosen_service

    @property
    def source(self) -> str:
        """Return whom a flood would come from; unsigned ones are taken together by their label."""
        return self.writer or f"unsigned {self.label}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one writer may say."""

    most: int = 20
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Sifted:
    """Corrections that may be learned from, and those that a person must look at."""

    kept: Sequence[Correction]
    """One of each case, oldest first."""
    held: Sequence[tuple[Correction, Held]]
    unlabelled: int
    """Returns, which say no service."""


@dataclass(frozen=True, slots=True)
class Masked:
    """The words of a case without personal data, and the language the citizen named."""

    text: str
    language: str = ""


Words = Callable[[Sequence[str]], Mapping[str, Masked]]
"""Fetches the words of those cases that exist; of erased ones they are empty."""


@dataclass(frozen=True, slots=True)
class Collected:
    """Corrections with their words."""

    examples: Sequence[Mapping[str, Any]]
    without_words: int
    """Cases that were erased or are not known."""
    erased: Sequence[str]
    """Those of them that were erased."""


def read_corrections(path: Path, most: int = MAX_EXAMPLES) -> tuple[list[Correction], int]:
    """Read the newest corrections of a file, and tell how many older ones are left out.

    A row that is no correction raises and names file and line.
    """
    told, left_out = newest_rows(path, most)
    return [_correction(row, f"{path}, line {line}") for line, row in told], left_out


def _correction(row: Mapping[str, Any], place: str) -> Correction:
    try:
        return msgspec.convert({name: value for name, value in row.items() if value}, Correction)
    except msgspec.ValidationError as error:
        raise ExampleError(f"{place}: not a correction: {error}") from error


def sift(corrections: Iterable[Correction], bounds: Bounds) -> Sifted:
    """Keep one correction of each case, and hold what a person must look at.

    An event may come twice, and corrections of one case from several people; they count once
    where they agree.
    """
    once = sorted(set(corrections), key=lambda one: (one.time, one.case_id, one.decision_id))
    cases: dict[str, list[Correction]] = defaultdict(list)
    for one in once:
        cases[one.case_id].append(one)
    flooding = _flooding((one for one in once if one.label), bounds)
    kept: list[Correction] = []
    held: list[tuple[Correction, Held]] = []
    for said in cases.values():
        labelled = [one for one in said if one.label]
        if why := _why_held(said, labelled, flooding):
            held += [(one, why) for one in labelled]
        elif labelled:
            kept.append(labelled[-1])
    unlabelled = sum(not one.label for one in once)
    return Sifted(sorted(kept, key=lambda one: one.time), held, unlabelled)


def _why_held(
    said: Sequence[Correction], labelled: Sequence[Correction], flooding: set[Correction]
) -> Held | None:
    labels = {one.label for one in labelled}
    if len(labels) > 1:
        return Held.CONTRADICTED
    if labels & {one.suggested_service for one in said if not one.label}:
        return Held.RETURNED
    return Held.FLOOD if any(one in flooding for one in labelled) else None


def _flooding(labelled: Iterable[Correction], bounds: Bounds) -> set[Correction]:
    """Return all that was said within any span of time in which one source said too much."""
    by_source: dict[str, list[Correction]] = defaultdict(list)
    for one in labelled:
        by_source[one.source].append(one)
    return {one for said in by_source.values() for one in _crowded(said, bounds)}


def _crowded(said: Sequence[Correction], bounds: Bounds) -> Iterator[Correction]:
    span = timedelta(seconds=bounds.seconds)
    begin = told = 0
    for end, last in enumerate(said, start=1):
        while last.time - said[begin].time > span:
            begin += 1
        if end - begin > bounds.most:
            yield from said[max(begin, told) : end]
            told = end


def collect(kept: Sequence[Correction], words: Words) -> Collected:
    """Return the corrections as labelled examples that tell where they come from."""
    found = words([one.case_id for one in kept])
    examples = [
        _example(one, found[one.case_id])
        for one in kept
        if one.case_id in found and found[one.case_id].text.strip()
    ]
    erased = [name for name, masked in found.items() if not masked.text.strip()]
    return Collected(examples, len(kept) - len(examples), erased)


def _example(said: Correction, masked: Masked) -> dict[str, Any]:
    return {
        "text": masked.text,
        "service_id": said.label,
        "language": masked.language,
        # Of one person's cases all are held out together, or none.
        "writer": said.writer or f"case {said.case_id}",
        "case_id": said.case_id,
        "decision_id": said.decision_id,
        "model": said.model,
        "suggested_service": said.suggested_service,
        "actor": said.actor,
        "reason_code": said.reason_code,
        "time": said.time.isoformat(),
    }


def held_row(said: Correction, why: Held) -> dict[str, Any]:
    """Return a held correction for the person who looks at it: the event, and why."""
    return {"why": why.value, **msgspec.to_builtins(said)}


@dataclass(frozen=True, slots=True)
class Learned:
    """Collected corrections as training takes them, and what the card says of them."""

    examples: Sequence[Example]
    facts: Mapping[str, Any]


def read_collected(path: Path, services: Mapping[str, str], *, weight: int) -> Learned:
    """Read what `collect` gave; each counts as so many examples.

    `services` tells the id of today for each that may be said: a service's own, and those that
    stopped and lead to it.

    A service that the catalogue no longer has cannot be learned; the card counts how many
    said one.
    """
    known = {**services, OUT_OF_SCOPE: OUT_OF_SCOPE}
    read, left_out = newest_rows(path)
    told = [_collected(row, f"{path}, line {line}") for line, row in read]
    learned = [row for row in told if row.service_id in known]
    examples = [
        Example(row.text, known[row.service_id], row.language, row.writer)
        for row in learned
        for _ in range(weight)
    ]
    facts = _facts(learned, len(told) - len(learned), weight)
    return Learned(examples, {**facts, "left_out": left_out})


class _Row(msgspec.Struct, kw_only=True):
    text: Annotated[str, msgspec.Meta(min_length=1)]
    service_id: Code
    writer: str
    case_id: str
    actor: str
    time: Time
    language: str = ""
    model: str = ""
    suggested_service: str = ""


def _collected(row: Mapping[str, Any], place: str) -> _Row:
    try:
        return msgspec.convert(row, _Row)
    except msgspec.ValidationError as error:
        raise ExampleError(f"{place}: not a collected correction: {error}") from error


def _facts(learned: Sequence[_Row], unknown: int, weight: int) -> dict[str, Any]:
    actors: dict[str, int] = defaultdict(int)
    for row in learned:
        actors[row.actor or "not said"] += 1
    times = [row.time for row in learned]
    return {
        "cases": len({row.case_id for row in learned}),
        "weight": weight,
        "by_actor": dict(sorted(actors.items())),
        "models": len({row.model for row in learned if row.model}),
        "bore_out": sum(row.suggested_service == row.service_id for row in learned),
        "of_unknown_services": unknown,
        "from": min(times).isoformat() if times else "",
        "to": max(times).isoformat() if times else "",
    }

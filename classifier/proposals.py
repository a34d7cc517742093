"""Proposals to let another model go live, and what became of each: an append-only file.

Who proposed, what the gate said and who refused stands in `proposals.jsonl`, and so does who let
which model look on, which needs nobody's answer. An approval stands in
the history of what was live, in the same line that makes the model live, so that neither is ever
there without the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from classifier import artifact
from classifier.gate import Fault

FILE = "proposals.jsonl"
MAX_BYTES = 64 * 1024 * 1024


class Kind(StrEnum):
    """What is proposed."""

    PROMOTION = "promotion"
    """That a candidate goes live, past the gate."""
    ROLLBACK = "rollback"
    """That the model goes live again that was live before."""


class State(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    """Another model went live before anybody answered."""


class Act(msgspec.Struct, frozen=True):
    """What a person did: who, when, why, and by which request."""

    subject: str
    time: datetime
    reason: str = ""
    request_id: str = ""


class Figures(msgspec.Struct, frozen=True):
    """How a model did on the texts of a language."""

    language: str
    count: int
    top1: float
    top3: float
    calibration_error: float
    routed: float
    routed_error: float


class LanguageTrial(msgspec.Struct, frozen=True):
    """How both models did on the texts of a language."""

    language: str
    before: Figures
    after: Figures


class ServiceTrial(msgspec.Struct, frozen=True):
    """How often both models were right on the texts of a service."""

    service_id: str
    count: int
    before: float
    after: float


class Trial(msgspec.Struct, frozen=True):
    """What the gate found, on texts neither model was trained on."""

    time: datetime
    languages: Sequence[LanguageTrial] = ()
    services: Sequence[ServiceTrial] = ()
    """Those that lose, the greatest loss first."""
    better_count: int = 0
    """How many services gain."""
    same_count: int = 0
    faults: Sequence[Fault] = ()
    failure: str = ""
    """Why there is no answer: a model was refused, or there was nothing to ask it."""

    @property
    def is_passed(self) -> bool:
        """Tell whether the candidate may go live."""
        return not self.faults and not self.failure


class Proposed(msgspec.Struct, frozen=True, tag="proposed", tag_field="step"):
    """A line: somebody proposes a model in place of the live one."""

    id: str
    kind: Kind
    model: str
    live: str
    act: Act


class Tried(msgspec.Struct, frozen=True, tag="tried", tag_field="step"):
    """A line: the gate answered."""

    id: str
    trial: Trial


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="step"):
    """A line: somebody refused."""

    id: str
    act: Act


class Shadowed(msgspec.Struct, frozen=True, tag="shadowed", tag_field="step"):
    """A line: somebody let a model look on; without one, none does any more."""

    model: str
    act: Act


Step = Proposed | Tried | Refused | Shadowed
_DECODER: msgspec.json.Decoder[Step] = msgspec.json.Decoder(Step)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model proposed in place of the live one, and what became of it."""

    id: str
    kind: Kind
    model: str
    live: str
    """The model that was live, in whose place it would come."""
    proposed: Act
    trial: Trial | None = None
    settled: Act | None = None
    state: State = State.OPEN


@dataclass(frozen=True, slots=True)
class Log:
    """All proposals, the oldest first, and the version of what people see of them."""

    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    version: int = 0
    """Grows with all that a person does, by a page or by a command."""
    shadowed: Sequence[Shadowed] = ()
    """Who let which model look on, the oldest first."""

    @property
    def open(self) -> Proposal | None:
        """Return the one that waits for an answer."""
        waiting = [one for one in self.proposals.values() if one.state is State.OPEN]
        return waiting[-1] if waiting else None


def read(models_dir: Path) -> Log:
    """Read what was proposed and what became of it."""
    steps, history = list(_steps(models_dir / FILE)), artifact.history(models_dir)
    told: dict[str, Proposal] = {}
    shadowed: list[Shadowed] = []
    for step in steps:
        if isinstance(step, Proposed):
            told[step.id] = Proposal(step.id, step.kind, step.model, step.live, step.act)
        elif isinstance(step, Tried):
            told[step.id] = replace(told[step.id], trial=step.trial)
        elif isinstance(step, Shadowed):
            shadowed.append(step)
        else:
            told[step.id] = replace(told[step.id], settled=step.act, state=State.REFUSED)
    for line in history:
        if (id_ := line.get("proposal")) in told:
            told[id_] = replace(told[id_], settled=_approval(line), state=State.APPROVED)
    live = artifact.live(models_dir)
    overtaken = {
        one.id: replace(one, state=State.OVERTAKEN)
        for one in told.values()
        if one.state is State.OPEN and one.live != live
    }
    by_people = sum(not isinstance(step, Tried) for step in steps)
    return Log(told | overtaken, by_people + len(history), shadowed)


def add(models_dir: Path, step: Step) -> None:
    """Put a line on disk; the caller holds the lock."""
    artifact.append(models_dir / FILE, msgspec.json.encode(step))


def _approval(line: Mapping[str, Any]) -> Act:
    time = datetime.fromisoformat(line["time"])
    return Act(line["by"][-1], time, line["reason"], line["request_id"])


def _steps(path: Path) -> Iterator[Step]:
    """Give each line that is whole; a later release may write others."""
    try:
        with path.open("rb") as file:
            lines = file.read(MAX_BYTES).splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield _DECODER.decode(line)
        except msgspec.DecodeError:
            continue

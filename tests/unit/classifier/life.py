"""A models folder with a live model and another beside it, and people who let one go live."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from classifier import artifact, proposals
from classifier.artifact import layout
from classifier.lifecycle import Lifecycle, Wish
from classifier.proposals import Kind, Log, Proposal, Shadowed, Trial, Tried
from classifier.watch import Register
from tests.unit.classifier.corpus import KNOWN

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def now() -> datetime:
    return NOW


def known() -> Register:
    return Register("v1", KNOWN)


def wish(by: str, key: str = "", version: int = 0, reason: str = "It is better.") -> Wish:
    return Wish(by, reason, version, key or f"a key of {by}")


@dataclass(frozen=True)
class Home:
    """The folder, and what may be done there."""

    path: Path
    first: str
    second: str
    life: Lifecycle

    @property
    def live(self) -> str | None:
        return artifact.live(self.path)

    @property
    def shadow(self) -> str | None:
        return artifact.shadow(self.path)

    @property
    def log(self) -> Log:
        return proposals.read(self.path)

    def propose(self, by: str = "Aigul", key: str = "", version: int = 0) -> Proposal:
        """Propose the second model."""
        return self.life.propose(Kind.PROMOTION, self.second, wish(by, key, version))

    def try_(self, proposal: Proposal, trial: Trial | None = None) -> None:
        """Let the gate have answered; without a trial it lets the model pass."""
        proposals.add(self.path, Tried(proposal.id, trial or Trial(NOW)))

    def look_on(self, by: str = "Aigul", key: str = "", version: int = 0) -> Shadowed:
        """Let the second model look on."""
        return self.life.set_shadow(self.second, wish(by, key, version))

    def tried(self) -> Proposal:
        """Propose the second model, and let the gate let it pass."""
        self.try_(self.propose())
        (proposal,) = self.log.proposals.values()
        return proposal


def home_at(folder: Path, second: str, *, is_pinned: bool = False) -> Home:
    life = Lifecycle(folder.parent, known, now, is_pinned=is_pinned)
    return Home(folder.parent, folder.name, second, life)


def of_release_before(folder: Path) -> str:
    """Store a model again as the release before would have, and return its id."""
    manifest = json.loads((folder / layout.MANIFEST).read_bytes())
    manifest["text_rules"] -= 1
    content = json.dumps(manifest).encode()
    older = hashlib.sha256(content).hexdigest()
    shutil.copytree(folder, folder.parent / older)
    (folder.parent / older / layout.MANIFEST).write_bytes(content)
    return older


Eventually = Callable[[Callable[[], object]], None]

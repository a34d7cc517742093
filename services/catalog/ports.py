"""What the verbs of catalog ask of the world."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.catalog.domain import Catalogue
from services.catalog.domain.editing import Change, ChangeKind, Edit, Revision


class Versions(Protocol):
    """The versions of the register that were ever published."""

    def get(self, version: str) -> Catalogue | None:
        """Find a version."""

    def keep(self, catalogue: Catalogue) -> bool:
        """Keep a version for ever; tell whether it is new."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a steward wants done to the draft, as it is recorded."""

    kind: ChangeKind
    subject: str
    request_id: str
    expected_version: int
    content: bytes
    """What was asked, as JSON; the same request id with other content is refused."""
    service_id: str = ""
    other_id: str = ""


class Register(Protocol):
    """The register that is current, and the draft of the next."""

    def current(self) -> Catalogue:
        """Return the version that is current now."""

    def revision(self) -> Revision:
        """Return the draft; without changes it is the current version."""

    def edit(self, wish: Wish, edit: Edit) -> Revision:
        """Change the draft, and record who did; a repetition changes nothing more."""

    def discard(self, wish: Wish) -> Revision:
        """Throw the draft away."""

    def publish(self, wish: Wish, *, two_people: bool = False) -> Revision:
        """Make the draft current, keep it for ever and announce it, all or nothing.

        Where it takes two people, OwnDraftError for who changed it.
        """

    def changes(self, before: int, limit: int) -> Sequence[Change]:
        """Return changes from before a draft's version on, newest first; 0 begins at the newest."""

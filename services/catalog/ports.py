"""What the verbs of catalog ask of the world."""

from typing import Protocol

from services.catalog.domain import Catalogue


class Versions(Protocol):
    """The versions of the register that were ever published."""

    def get(self, version: str) -> Catalogue | None:
        """Find a version."""

    def keep(self, catalogue: Catalogue) -> bool:
        """Keep a version for ever; tell whether it is new."""

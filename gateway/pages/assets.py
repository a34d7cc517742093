"""Styles and scripts: served from here, under names that change with what is in them."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

KINDS = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "json": "application/json",
}
FOLDERS = ("assets", "vendored")
HASH_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    address: str
    kind: str
    content: bytes
    compressed: bytes


class Assets:
    """Every file that pages bring along, by its name in the source and by its address."""

    def __init__(self, found: Mapping[str, Asset]) -> None:
        self._by_name = found
        self._by_address = {asset.address: asset for asset in found.values()}

    @classmethod
    def bundled(cls) -> "Assets":
        """Read the files that ship with the product."""
        root = resources.files("gateway.pages")
        files = (file for folder in FOLDERS for file in (root / folder).iterdir())
        return cls({file.name: _read(file) for file in files if _ending(file) in KINDS})

    def address(self, name: str) -> str:
        """Return where a file is, by its name in the source."""
        return f"/assets/{self._by_name[name].address}"

    def find(self, address: str) -> Asset | None:
        """Return the file at an address."""
        return self._by_address.get(address)


def _ending(file: Traversable) -> str:
    return file.name.rpartition(".")[2]


def _read(file: Traversable) -> Asset:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
    stem, _, ending = file.name.rpartition(".")
    return Asset(
        address=f"{stem}.{digest}.{ending}",
        kind=KINDS[ending],
        content=content,
        compressed=gzip.compress(content, 9, mtime=0),
    )

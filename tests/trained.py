"""The bundled model, trained once as long as nothing that it is made of changes.

Run by itself it trains the model before any test waits for it, since a test may wait five minutes.
"""

import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from tests.system import ROOT, System

KEPT = ROOT / "build" / "model"
MADE_OF = ("classifier", "services/catalog", "services/chassis", "uv.lock")
LONGEST_SECONDS = 900.0


def trained(folder: Path) -> Path:
    """Return a trained model beside the mark that it is live.

    The first who asks trains it in a folder, and others wait.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "lock", timeout=LONGEST_SECONDS):
        kept = KEPT / _digest(ROOT / part for part in MADE_OF)
        if not kept.exists():
            done = System(folder).run("train", seconds=LONGEST_SECONDS)
            assert done.returncode == 0, done.stderr
            for old in KEPT.glob("*/"):
                shutil.rmtree(old)
            # A copy that is broken off must not be taken for the whole.
            shutil.copytree(folder / "models", KEPT / "half").rename(kept)
    return kept / (kept / "live").read_text().strip()


def _digest(parts: Iterable[Path]) -> str:
    """Return a name for all that is in files and folders."""
    whole = sha256()
    for part in parts:
        for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if path.is_file() and "__pycache__" not in path.parts:
                content = sha256(path.read_bytes()).hexdigest()
                whole.update(f"{path.relative_to(ROOT)} {content}\n".encode())
    return whole.hexdigest()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        print(f"tests ask the model {trained(Path(folder)).name[:12]}")  # noqa: T201  a command
